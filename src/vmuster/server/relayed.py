"""A store that hands everything on to another one, for those that change one thing about it."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec

from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.ids import HostId, VmUuid
from vmuster.ports.store import HostAsked, HostRows, Place, Row, Store, VmQuery, VmRow


class RelayedStore:
    """Implements `Store` by another one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As `Store.commit`."""
        return await self._store.commit(changes)

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        """As `Store.get`."""
        return await self._store.get(kind, *key)

    async def unanswered(self, host: HostId) -> Sequence[OutboxCommand]:
        """As `Store.unanswered`."""
        return await self._store.unanswered(host)

    async def known_on(self, host: HostId) -> Sequence[VmUuid]:
        """As `Store.known_on`."""
        return await self._store.known_on(host)

    async def find(self, kind: type[Row], /, **chosen: Any) -> Sequence[Row]:
        """As `Store.find`."""
        return await self._store.find(kind, **chosen)

    async def count(self, kind: type[Row], /, by: str, **equal: object) -> dict[object, int]:
        """As `Store.count`."""
        return await self._store.count(kind, by, **equal)

    async def vms(
        self, query: VmQuery, *, after: Place | None = None, limit: int = 1000
    ) -> Sequence[VmRow]:
        """As `Store.vms`."""
        return await self._store.vms(query, after=after, limit=limit)

    async def unseen(self) -> dict[object, int]:
        """As `Store.unseen`."""
        return await self._store.unseen()

    async def unread(self) -> Sequence[str]:
        """As `Store.unread`."""
        return await self._store.unread()

    async def weigh(self, kinds: Collection[type[msgspec.Struct]]) -> str:
        """As `Store.weigh`."""
        return await self._store.weigh(kinds)

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        """As `Store.load_hosts`."""
        return await self._store.load_hosts(asked, since)

    def rehearsal(self) -> AbstractAsyncContextManager[Store]:
        """As `Store.rehearsal`."""
        return self._store.rehearsal()

    async def close(self) -> None:
        """As `Store.close`."""
        await self._store.close()
