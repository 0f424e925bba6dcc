"""Look-ups by one key: rows, and what a conversation with a host begins with. Each is shared by all
who ask at the same time (`together.py`).
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

import msgspec
from sqlalchemy import BindParameter, Connection, Select, bindparam, exists, func, select

from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Corrupt
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.rows import KEYS
from vmuster.ports.store import Row
from vmuster.stores.kinds import KINDS, is_text, plain
from vmuster.stores.sql.asking import found
from vmuster.stores.sql.questions import PART, Question, Reader, in_order, slices
from vmuster.stores.sql.rows import from_row
from vmuster.stores.sql.tables import LIVE, OUTBOX, SIGHTING, TABLES, UNANSWERED, VM
from vmuster.stores.sql.together import Together

_T = TypeVar("_T")
_Key = tuple[Any, ...]

_BY_KEY: Final = {
    kind: Question(kind, TABLES[kind].c[fields[0]])
    for kind, fields in KEYS.items()
    if len(fields) == 1
}
_ORDERS: Final = Question(OutboxCommand, OUTBOX.c.host, UNANSWERED)
_HOSTS: Final[BindParameter[Any]] = bindparam(PART, expanding=True)
_GONE: Final = SIGHTING.c.absent.is_(True) & SIGHTING.c.absence_confirmed.is_(True)
_SEEN: Final = exists().where(SIGHTING.c.host == VM.c.host, SIGHTING.c.uuid == VM.c.uuid)
_BETWEEN: Final = ","
_KNOWN: Final = (
    select(SIGHTING.c.host, func.aggregate_strings(SIGHTING.c.uuid, _BETWEEN))
    .where(SIGHTING.c.host.in_(_HOSTS), ~_GONE)
    .group_by(SIGHTING.c.host),
    select(VM.c.host, func.aggregate_strings(VM.c.uuid, _BETWEEN))
    .where(VM.c.host.in_(_HOSTS), LIVE, ~_SEEN)
    .group_by(VM.c.host),
)
"""The VMs of each host in one value, for a row of each costs more than to find it: those that were
seen there and are not known to be gone; and those that should be there, and were never seen."""


class Read(Protocol):
    """Reads within a transaction that sees one moment."""

    def __call__(self, read: Callable[[Connection], _T], /) -> Awaitable[_T]: ...


class LookUps:
    """The look-ups of one store, which reads by `read`."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._rows = {kind: Together[_Key, Any](self._rows_of(kind)) for kind in KINDS}
        self._orders = Together[str, Sequence[OutboxCommand]](self._asked(_orders))
        self._known = Together[str, Sequence[VmUuid]](self._asked(_known))

    async def row(self, kind: type[Row], key: Sequence[object]) -> Row | None:
        """The row with this key, or None."""
        return await self._rows[kind].answer(plain(key)) if all(map(is_text, key)) else None

    async def orders(self, host: HostId) -> Sequence[OutboxCommand]:
        """As `Store.unanswered`."""
        return await self._orders.answer(host) or ()

    async def known(self, host: HostId) -> Sequence[VmUuid]:
        """As `Store.known_on`."""
        return await self._known.answer(host) or ()

    async def finished(self) -> None:
        """Let all that was asked be answered."""
        for each in (*self._rows.values(), self._orders, self._known):
            await each.finished()

    def _rows_of(
        self, kind: type[msgspec.Struct]
    ) -> Callable[[Collection[_Key]], Awaitable[Mapping[_Key, Any]]]:
        return self._asked(lambda connection, keys: _rows(connection, kind, keys))

    def _asked(
        self, ask: Callable[[Connection, Collection[Any]], Mapping[Any, _T]]
    ) -> Callable[[Collection[Any]], Awaitable[Mapping[Any, _T]]]:
        return lambda keys: self._read(lambda connection: ask(connection, keys))


def _rows(
    connection: Connection, kind: type[msgspec.Struct], keys: Collection[_Key]
) -> Mapping[_Key, Any]:
    """The rows of `kind` with these keys, by key."""
    if (question := _BY_KEY.get(kind)) is not None:
        there = Reader(connection).ask(question, [key for (key,) in keys])
        return {(key,): row for key, ((_, row),) in there.items()}
    rows = {key: connection.execute(_with_key(kind, key)).all() for key in keys}
    return {key: from_row(kind, row) for key, there in rows.items() for row in there}


def _with_key(kind: type[msgspec.Struct], key: _Key) -> Select[Any]:
    return found(kind, dict(zip(KEYS[kind], key, strict=True))).limit(1)


def _orders(
    connection: Connection, hosts: Collection[str]
) -> Mapping[str, Sequence[OutboxCommand]]:
    return {
        host: in_order(placed) for host, placed in Reader(connection).ask(_ORDERS, hosts).items()
    }


def _known(connection: Connection, hosts: Collection[str]) -> Mapping[str, Sequence[VmUuid]]:
    known = defaultdict[str, list[str]](list)
    for part in slices(sorted(hosts)):
        for statement in _KNOWN:
            for host, vms in connection.execute(statement, {PART: part}).all():
                known[host] += vms.split(_BETWEEN)
    return {host: _uuids(host, vms) for host, vms in known.items()}


def _uuids(host: str, vms: Sequence[str]) -> Sequence[VmUuid]:
    try:
        return msgspec.convert(sorted(vms), list[VmUuid])
    except msgspec.ValidationError as error:
        raise Corrupt(
            f"host {host} has a VM in the database whose uuid is none",
            hint="restore a backup from before, or drop the row by hand",
        ) from error
