"""The journal's new entries, read once for everybody who waits for them.

One task asks the journal for what is new, for as long as anybody listens; a stream that was opened
and a webhook that is to be told cost the database no question of their own. An entry that can't be
read is passed over, here and by all who read on from a place: it must not silence those after it.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec
import structlog

from vmuster.model.journal import JournalEntry
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.server.answers.saying import say

_log = structlog.get_logger("vmuster.news")
EVERY_SECONDS: Final = 0.5
_AT_ONCE: Final = 500


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An entry, and the bytes of the JSON document that the API gives for it."""

    entry: JournalEntry
    data: bytes


class Listener(Protocol):
    """Somebody who is handed what is new."""

    def hear(self, told: Sequence[Told]) -> None:
        """Take it, and wait for nothing."""
        ...


class News:
    """The news of one server. `last`: the newest entry that was handed out."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.last = 0
        self._listeners: set[Listener] = set()
        self._waiting: set[asyncio.Event] = set()
        self._reading = asyncio.Lock()

    async def run(self) -> None:
        """Look for what is new, for ever; a look that fails is made again."""
        while True:
            if self._listeners or self._waiting:
                try:
                    await self.look()
                except Exception as error:  # whatever it was: there will be other news
                    _log.error("the journal can't be read", why=repr(error))
            await self._clock.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Hand out all that is new. Where nobody listens, only `last` is found out."""
        async with self._reading:
            if not self._listeners:
                end = await newest(self._store)
                if not self._listeners:  # nobody joined in between, who would miss something
                    self.last = max(self.last, end)
            while self._listeners:
                found = await self._store.find(
                    JournalEntry, limit=_AT_ONCE, after=(self.last,), readable=True
                )
                if found:
                    told = await tell(self._store, found)
                    self.last = found[-1].id
                    for listener in tuple(self._listeners):
                        listener.hear(told)
                if len(found) < _AT_ONCE:
                    break
        for event in self._waiting:
            event.set()

    def join(self, listener: Listener) -> None:
        """From now on hand out to this one too: what is later than `last`."""
        self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        """Hand out to this one no more."""
        self._listeners.discard(listener)

    async def later_than(self, place: int) -> None:
        """Wait until there is an entry later than `place`."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            while self.last <= place:
                event.clear()
                await event.wait()
        finally:
            self._waiting.discard(event)


async def newest(store: Store) -> int:
    """The id of the newest entry; 0 where there is none."""
    found = await store.find(JournalEntry, limit=1, newest_first=True, readable=True)
    return found[0].id if found else 0


async def place_before(store: Store, moment: float) -> int:
    """A place after which come the entries from a moment on, by halving.

    Where a clock was set in between, an entry that was written later may bear an earlier time.
    """
    place, beyond = 0, await newest(store)
    while place < beyond:
        middle = (place + beyond) // 2
        (entry,) = await store.find(JournalEntry, limit=1, after=(middle,), readable=True)
        if entry.at < moment:
            place = entry.id
        else:
            beyond = middle
    return place


async def tell(store: Store, entries: Sequence[JournalEntry]) -> list[Told]:
    """Entries with their documents, in their order."""
    said = await say(store, entries)
    return [
        Told(entry=entry, data=msgspec.json.encode(each))
        for entry, each in zip(entries, said, strict=True)
    ]
