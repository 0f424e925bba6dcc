"""What a rehearsal says of the changes: field by field, as plain JSON data, without any secret.

A row that is new, or goes, is one change of no field: before it, or after it, there is nothing.
What stays as it is is not said, and neither is what only keeps the books.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import Command, OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.rows import key_fields
from vmuster.model.settled import Settled
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook
from vmuster.ports.store import Store
from vmuster.server.answers.saying import HOST, HOST_NAME, UNSAID, say
from vmuster.server.requests.rehearsal import Changed, RowChange

LINES_MAX: Final = 1000
"""Changes that are said, and entries, and commands; of more, only how many (L10)."""
HIDDEN: Final = "(not shown)"
"""In the place of what is secret, where it changes."""


class _Word(msgspec.Struct, frozen=True):
    """What a kind of row is called, and which field names one; `hidden`: fields that are secret."""

    kind: str
    name: str = "name"
    hidden: frozenset[str] = frozenset()


_WORDS: Final[dict[type[Changed], _Word]] = {
    Fleet: _Word("fleet", "instance"),
    Cluster: _Word("cluster"),
    Host: _Word("host"),
    VmRecord: _Word("vm"),
    Sighting: _Word("sighting"),
    Operation: _Word("operation"),
    OutboxCommand: _Word("command", "id"),
    ApiKey: _Word("api_key", hidden=frozenset({"digest"})),
    HeldPlan: _Word("plan", "id"),
    Credential: _Word("credential"),
    Webhook: _Word("webhook", hidden=frozenset({"url"})),
    RequestAnswer: _Word("request_answer", "key", frozenset({"digest", "body"})),
    Settled: _Word("settled_account", "host"),
}
_UNSPOKEN: Final = frozenset(
    {"version", "generation", "changed_at", "intake", "trusted", "taken_in", "asked_after"}
)
"""What only keeps the books: versions, and numbers of the intake counter."""


class RowLine(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `field`: with dots where it lies deeper; empty for a whole row."""

    kind: str
    key: str
    name: str
    field: str
    before: object
    after: object


class CommandLine(msgspec.Struct, frozen=True, kw_only=True):
    """One command that would be sent."""

    command: str
    vm: str
    name: str
    host_name: str | None


class Foretold(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, as plain data. `more`: how many changes, entries and commands are left out."""

    changes: tuple[RowLine, ...]
    entries: tuple[str, ...]
    commands: tuple[CommandLine, ...]
    more: int = 0


async def foretold(
    store: Store, changes: Sequence[RowChange], entries: Sequence[str], commands: Sequence[Command]
) -> Foretold:
    """What was rehearsed. `store`: in which the hosts that it speaks of are looked up."""
    lines = [line for change in changes for line in _lines(change)]
    total = len(lines) + len(entries) + len(commands)
    kept, entries, commands = lines[:LINES_MAX], entries[:LINES_MAX], commands[:LINES_MAX]
    said = iter(await say(store, [_fielded(line) for line in kept]))
    shown = await say(store, [{HOST: command.host} for command in commands])
    return Foretold(
        changes=tuple(_spoken(line, next(said)) for line in kept),
        entries=tuple(entries),
        commands=tuple(
            _command_line(command, host.get(HOST_NAME))
            for command, host in zip(commands, shown, strict=True)
        ),
        more=total - len(kept) - len(entries) - len(commands),
    )


def _lines(change: RowChange) -> Iterator[RowLine]:
    """The lines of one row."""
    row, word = change.row, _WORDS[type(change.row)]
    if isinstance(row, OutboxCommand) and change.before is None:
        return  # it is said among the commands
    before, after = _plain(change.before), _plain(change.after)
    fields = (
        [("", before, after)]
        if before is None or after is None
        else _differences("", before, after)
    )
    for field, was, is_ in fields:
        yield RowLine(
            kind=word.kind,
            key="/".join(str(part) for part in key_fields(row)),
            name=str(getattr(change.before or row, word.name)),
            field=field,
            before=was,
            after=is_,
        )


def _plain(row: Changed | None) -> dict[str, Any] | None:
    if row is None:
        return None
    hidden = _WORDS[type(row)].hidden | _UNSPOKEN
    plain = cast("dict[str, Any]", msgspec.to_builtins(row))
    return {field: value for field, value in plain.items() if field not in hidden}


def _differences(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, object, object]]:
    for field in dict.fromkeys((*before, *after)):
        was, is_ = before.get(field), after.get(field)
        if was == is_:
            continue
        if isinstance(was, dict) and isinstance(is_, dict):
            inner = cast("dict[str, Any]", was), cast("dict[str, Any]", is_)
            yield from _differences(f"{path}{field}.", *inner)
        elif field in UNSAID:
            yield f"{path}{field}", HIDDEN, HIDDEN
        else:
            yield f"{path}{field}", was, is_


def _leaf(line: RowLine) -> str:
    return line.field.rpartition(".")[2]


def _fielded(line: RowLine) -> Sequence[dict[str, object]]:
    """Both values under the name of their field: how a value is said goes by that."""
    return [{_leaf(line): line.before}, {_leaf(line): line.after}]


def _spoken(line: RowLine, said: Sequence[Mapping[str, object]]) -> RowLine:
    before, after = (each.get(_leaf(line), HIDDEN) for each in said)
    return msgspec.structs.replace(line, before=before, after=after)


def _command_line(command: Command, host_name: object) -> CommandLine:
    return CommandLine(
        command=str(command.__struct_config__.tag),
        vm=str(command.vm),
        name=command.name,
        host_name=None if host_name is None else str(host_name),
    )
