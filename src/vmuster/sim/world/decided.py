"""What people have decided: what may be done where, and which plans may pass, as they asked for it.

Rows claim it too, but a row may have lost it, or have got it from nobody. So each change of a row
is held against the request in whose course it was written: what that request does not ask for has
not been decided by anybody, and what was decided before it goes on.
"""

from collections.abc import Collection, Iterable, Iterator
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.changes import Guarded, Write
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId, PlanId
from vmuster.model.operations import Operation
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.states import UnknownVms
from vmuster.stores.kinds import key_of

FIELDS: Final[dict[type[object], tuple[str, ...]]] = {
    Fleet: ("policy", "disarmed"),
    Cluster: ("policy", "grant", "disarmed"),
    Host: ("mode", "disarmed"),
    HeldPlan: ("state",),
}
"""What people alone decide, by kind of row."""
_POLICIES: Final[dict[type[object], type[Policy | FleetPolicy]]] = {
    Cluster: Policy,
    Fleet: FleetPolicy,
}
_BY: Final = {"grant": "policy"}
"""A grant is given, and withdrawn, with a setting of the policy."""
_Row = TypeVar("_Row")


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A request says that `field` of a row of this `kind` shall be `value` (of `disarmed`: whether
    it is). Of a policy, `value` is a setting and what it shall be; of an operation, its kind.
    `name`: what people call the host or cluster; empty for the fleet, and where it is not said."""

    kind: type[object]
    field: str
    value: tuple[str, object] | StrEnum | bool | None
    name: str = ""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A person's request, answered or not. `at`: when this attempt was made, in seconds of the
    run."""

    at: float
    actor: str
    key: str
    what: str
    words: tuple[Word, ...] = ()


ASKING: ContextVar[Asking | None] = ContextVar("asking", default=None)
"""In the course of which request something happens; tasks that it starts inherit it."""


def unasked(write: Write, asking: Asking | None) -> Iterator[str]:
    """The fields that this write changes and only a person may, where this request does not."""
    before, after = write.before, write.after
    if before is None or after is None:
        return
    for field in FIELDS.get(type(after), ()):
        was, now = getattr(before, field), getattr(after, field)
        if was == now or (field == "disarmed" and now is not None) or _held_anew(before, after):
            continue
        said = () if asking is None else asking.words
        words = [word for word in said if word.kind is type(after) and says(word, after)]
        if not _covered(field, words, before, after):
            yield field


def says(word: Word, row: object) -> bool:
    """Whether a row is as this word wants it."""
    value: Any = getattr(row, word.field)
    if isinstance(word.value, tuple):
        setting, text = word.value
        wanted = msgspec.convert({setting: text}, _POLICIES[word.kind], strict=False)
        return getattr(wanted, setting) == getattr(value, setting)
    return (value is not None) == word.value if word.field == "disarmed" else value == word.value


def asked_by(
    operation: Operation, asking: Asking | None, keys: Collection[tuple[str, str]]
) -> bool:
    """Whether a person has asked for an operation: under its key (`keys`: every actor and key that
    was asked under), or in this request for many at once."""
    if (operation.actor, operation.idempotency_key) in keys:
        return True
    return (
        asking is not None
        and asking.actor == operation.actor
        and any(word.kind is Operation and says(word, operation) for word in asking.words)
    )


class Decided:
    """Of one run. `approved`: the plans that a person has let pass, by their host."""

    def __init__(self) -> None:
        self.approved: set[tuple[HostId, PlanId]] = set()
        self._values: dict[tuple[type[object], tuple[object, ...]], dict[str, Any]] = {}

    def learn(self, write: Write, asking: Asking | None) -> None:
        """A write is durable, in the course of this request (None: of none)."""
        row = write.after
        if row is None or type(row) not in FIELDS:
            return
        refused = set(unasked(write, asking))
        values = self._values.setdefault((type(row), key_of(row)), {})
        if write.before is None:
            values.clear()
        fresh = {f: getattr(row, f) for f in FIELDS[type(row)] if f not in refused}
        values.update(fresh)
        was = write.before
        if (
            isinstance(row, HeldPlan)
            and isinstance(was, HeldPlan)
            and was.state is not row.state is HoldState.APPROVED
            and not refused
        ):
            self.approved.add((row.host, row.id))

    def restored(self, rows: Iterable[Guarded]) -> None:
        """An older database holds: what it says was decided then."""
        self._values.clear()
        for row in rows:
            self.learn(Write(before=None, after=row), None)

    def of(self, row: _Row) -> _Row:
        """A row as people have decided that it be; disarmed it is where either says so."""
        values = dict(self._values.get((type(row), key_of(row)), {}))  # pyright: ignore[reportArgumentType]
        if getattr(row, "disarmed", None) is not None:
            values.pop("disarmed", None)
        return msgspec.structs.replace(row, **values)  # pyright: ignore[reportArgumentType, reportUnknownVariableType]


def _held_anew(before: Guarded, after: Guarded) -> bool:
    """Whether a plan waits for a person again: one that had its time, or one of other acts."""
    if not isinstance(before, HeldPlan) or not isinstance(after, HeldPlan):
        return False
    others = before.id != after.id or _read(before) != _read(after)
    had_its_time = before.state is HoldState.APPROVED
    return after.state is HoldState.HELD and (had_its_time or others)


def _read(plan: HeldPlan) -> set[tuple[object, ...]]:
    """The acts of a plan, as a person reads them."""
    return {(act.vm, act.act, act.rule) for act in plan.acts}


def _covered(field: str, words: Iterable[Word], before: Guarded, after: Guarded) -> bool:
    """Whether it is these words, all of them as the row is now, that change the field."""
    values = [word.value for word in words if word.field == _BY.get(field, field)]
    settings = {value[0] for value in values if isinstance(value, tuple)}
    if field == "grant":
        return "unknown_vms" in settings and _grant_fits(after)
    if field == "policy":
        was, now = getattr(before, field), getattr(after, field)
        names: tuple[str, ...] = was.__struct_fields__
        return settings.issuperset(n for n in names if getattr(was, n) != getattr(now, n))
    return bool(values)


def _grant_fits(row: Guarded) -> bool:
    """Whether there is a grant just where the policy needs one."""
    by_name = isinstance(row, Cluster) and row.policy.unknown_vms is UnknownVms.STOP_BY_NAME
    return by_name == (getattr(row, "grant", None) is not None)
