"""The kinds of row a store keeps, as one table that every store obeys.

What must be unique and what a row needs to exist is said here once; what identifies a row, and in
which order rows are given, says `model.rows`. The SQL tables repeat it as constraints, since only a
database can hold it against another process; the conformance suite shows that both say the same.
"""

from collections.abc import Callable
from typing import Any, Final, cast

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.rows import ORDER, key_fields
from vmuster.model.settled import Settled
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook


class Unique(msgspec.Struct, frozen=True, kw_only=True):
    """No two rows `among` those concerned have equal `columns`; `words` say it of the second."""

    columns: tuple[str, ...]
    among: Callable[[Any], bool]
    words: str


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of `kind`, `among` those concerned, that name a row in `field` and keep it from being
    dropped; `words`: what it still has, then."""

    kind: type[msgspec.Struct]
    field: str
    among: Callable[[Any], bool]
    words: str


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of row.

    `nested`: fields kept as JSON text, which `find` can't ask for. `holders`: what keeps a row from
    being dropped. `word`: what messages call it.
    """

    word: str
    nested: frozenset[str] = frozenset()
    unique: tuple[Unique, ...] = ()
    holders: tuple[Holder, ...] = ()


KINDS: Final[dict[type[msgspec.Struct], Kind]] = {
    Fleet: Kind(
        word="fleet",
        nested=frozenset({"public_keys", "policy", "disarmed", "quarantine"}),
    ),
    Cluster: Kind(
        word="cluster",
        nested=frozenset({"policy", "grant", "disarmed"}),
        holders=(Holder(kind=Host, field="cluster", among=lambda _host: True, words="hosts"),),
    ),
    Host: Kind(
        word="host",
        nested=frozenset({"profile", "facts", "disarmed"}),
        unique=(
            Unique(
                columns=("name",),
                among=lambda _host: True,
                words="name '{}' is taken by another host",
            ),
            Unique(
                columns=("uuid",),
                among=lambda host: host.uuid is not None,
                words="host uuid {} is taken by another host",
            ),
        ),
        holders=(
            Holder(kind=VmRecord, field="host", among=lambda vm: vm.live, words="VMs of ours"),
            Holder(
                kind=Operation,
                field="host",
                among=lambda operation: operation.open,
                words="an open operation",
            ),
            Holder(
                kind=OutboxCommand,
                field="host",
                among=lambda command: command.answered_at is None,
                words="a command without an answer",
            ),
        ),
    ),
    VmRecord: Kind(
        word="vm",
        unique=(
            Unique(
                columns=("name",),
                among=lambda vm: vm.live,
                words="name '{}' is taken by a live VM",
            ),
        ),
    ),
    Sighting: Kind(
        word="sighting",
        nested=frozenset({"raw_mark"}),
    ),
    Operation: Kind(
        word="operation",
        nested=frozenset({"previous"}),
        unique=(
            Unique(
                columns=("actor", "idempotency_key"),
                among=lambda operation: operation.idempotency_key != "",
                words="'{}' has used the idempotency key '{}' before",
            ),
            Unique(
                columns=("vm",),
                among=lambda operation: operation.open,
                words="an operation on vm {} is open already",
            ),
        ),
    ),
    OutboxCommand: Kind(
        word="command",
        nested=frozenset({"command", "result"}),
    ),
    JournalEntry: Kind(word="journal entry", nested=frozenset({"evidence"})),
    ApiKey: Kind(word="key"),
    HeldPlan: Kind(word="held plan", nested=frozenset({"acts"})),
    Credential: Kind(word="credential"),
    Webhook: Kind(word="webhook", nested=frozenset({"kinds"})),
    RequestAnswer: Kind(word="kept answer"),
    Settled: Kind(word="settled account"),
}


def findable(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The fields that `find` can be asked for."""
    return frozenset(kind.__struct_fields__) - KINDS[kind].nested


def check_findable(kind: type[msgspec.Struct], fields: frozenset[str]) -> None:
    """Raise `ValueError` where one of `fields` can't be asked for: a mistake of the caller."""
    strange = fields - findable(kind)
    if strange:
        raise ValueError(f"{kind.__name__} can't be found by {', '.join(sorted(strange))}")


def check_place(kind: type[msgspec.Struct], after: tuple[object, ...]) -> None:
    """Raise `ValueError` where `after` is no place in the order of `kind`: a caller's mistake."""
    order = ORDER[kind]
    if after and (len(after) != len(order) or not all(is_text(part) for part in after)):
        raise ValueError(f"a place among rows of {kind.__name__} is {' and '.join(order)}")


def one_of(value: object) -> frozenset[object]:
    """The values of which `find` asks for one: a set's own, or a single one."""
    return cast("frozenset[object]", value) if isinstance(value, frozenset) else frozenset([value])


def is_text(value: object) -> bool:
    """Whether a database could hold `value`; no row equals text with a lone surrogate."""
    return not isinstance(value, str) or not any("\ud800" <= c <= "\udfff" for c in value)


def key_of(row: msgspec.Struct) -> tuple[object, ...]:
    """What identifies `row` among its kind, in the plain form in which stores compare."""
    return plain(key_fields(row))


def plain(value: Any) -> Any:
    """`value` as text and numbers: uuids as 36 lower-case characters, enums as their words.

    Text keeps a database readable without us (an incident is no time for hex blobs), is the same
    on every database, and sorts as the uuids themselves do.
    """
    return msgspec.to_builtins(value)
