"""State folders of servers that have run, and what is in them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from vmuster.client.profile import DEFAULT_URL
from vmuster.model.changes import Changes
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.service import Service
from vmuster.wiring.serving.assembling import assemble
from vmuster.wiring.settings.table import Settings

_T = TypeVar("_T")


def unheard(_done: int, _all: int) -> None:
    """Nobody listens how far it is."""


def served(state: Path, act: Callable[[Service], Awaitable[_T]]) -> _T:
    """What an act on the service of a folder gives; it was started and ended for it."""

    async def life() -> _T:
        service = await assemble(Settings(state_dir=state), DEFAULT_URL)
        try:
            return await act(service)
        finally:
            await service.close()

    return asyncio.run(life())


def told(state: Path, what: str) -> None:
    """Something happens in the life of a server."""
    entry = JournalEntry(at=5.0, kind=EntryKind.AUDIT, actor="ann", what=what)

    async def tell(service: Service) -> None:
        assert await service.store.commit([Changes(entries=(entry,))]) == [""]

    served(state, tell)


def journal(state: Path) -> list[str]:
    """What the server of a folder remembers to have been told."""

    async def read(service: Service) -> list[str]:
        entries = await service.store.find(JournalEntry, actor="ann")
        return [entry.what for entry in entries]

    return served(state, read)


def quarantined(state: Path) -> bool:
    """Whether the server of a folder begins, or is, in quarantine."""

    async def look(service: Service) -> bool:
        return service.context.fleet.quarantine is not None

    return served(state, look)
