"""A store whose commits are counted, and what they bring."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from vmuster.model.changes import Changes
from vmuster.model.ids import HostId, VmUuid
from vmuster.ports.clock import Clock
from vmuster.ports.store import HostRows, Place, Row, Store, VmQuery, VmRow
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.commits import count_written
from vmuster.server.figures.figures import Figures
from vmuster.server.figures.labels import CommitOutcome


class CountedStore:
    """Implements `Store` by another one. What is rehearsed is not counted: it does not happen."""

    def __init__(self, store: Store, clock: Clock, figures: Figures) -> None:
        self._store = store
        self._clock = clock
        self._figures = figures

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As `Store.commit`."""
        begun = self._clock.monotonic()
        try:
            refused = await self._store.commit(changes)
        except Exception:
            self._figures.add(of.COMMITS, CommitOutcome.FAILED, by=len(changes))
            raise
        finally:
            self._figures.observe(of.COMMIT_SECONDS, self._clock.monotonic() - begun)
        for each, why in zip(changes, refused, strict=True):
            outcome = CommitOutcome.REFUSED if why else CommitOutcome.WRITTEN
            self._figures.add(of.COMMITS, outcome)
            if not why:
                count_written(self._figures, each)
        return refused

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        """As `Store.get`."""
        return await self._store.get(kind, *key)

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

    async def load_host(
        self, host: HostId, vms: Collection[VmUuid], names: Collection[str], since: float
    ) -> HostRows | None:
        """As `Store.load_host`."""
        return await self._store.load_host(host, vms, names, since)

    def rehearsal(self) -> AbstractAsyncContextManager[Store]:
        """As `Store.rehearsal`."""
        return self._store.rehearsal()

    async def close(self) -> None:
        """As `Store.close`."""
        await self._store.close()
