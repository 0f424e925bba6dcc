"""Streams of the journal: what was written from a place on, in its order, and what comes after it.

A stream reads the journal itself until it has come to the end of it, and is handed the news from
there on. Between the last comparison and the first news nothing is awaited, so that no entry is
missed, and its place tells what comes twice. Whoever takes too long to read is cut off: the place
up to which it came is all that is needed to go on (L10, L13).
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Sequence
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import structlog

from vmuster.model.errors import Unavailable
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.server.watch.news import News, Told, tell

_log = structlog.get_logger("vmuster.streams")
STREAMS_MAX: Final = 100
STREAMS_PER_KEY_MAX: Final = 8
WAITING_MAX: Final = 2000
"""Entries that wait for a slow reader."""
KEYS_SECONDS: Final = 2.0
"""Between two looks at the keys of open streams."""
_AT_ONCE: Final = 200

STOPPING: Final = "the server stops"
SLOW: Final = "this stream was read too slowly"
INVALID: Final = "the key is not valid any more"


class TooMany(Unavailable):
    """There are as many streams as there may be."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: all that fit everything that is said. No `kinds`: all of them."""

    vm: VmUuid | None = None
    host: HostId | None = None
    kinds: frozenset[EntryKind] = frozenset()

    def fits(self, entry: JournalEntry) -> bool:
        """Whether an entry is among them."""
        return (
            self.vm in (None, entry.vm)
            and self.host in (None, entry.host)
            and (not self.kinds or entry.kind in self.kinds)
        )

    @property
    def query(self) -> dict[str, Any]:
        """The same, as a store is asked."""
        said = {"vm": self.vm, "host": self.host, "kind": self.kinds}
        return {field: value for field, value in said.items() if value}


class Stream:
    """One stream. `place`: everything up to this id was given, or is not wanted; `ended`: why no
    more is given, empty while more may come. Used in a `with` statement, it has its place."""

    def __init__(
        self, streams: "Streams", news: News, store: Store, key: ApiKey, wanted: Wanted, place: int
    ) -> None:
        self.key = key
        self.place = place
        self.ended = ""
        self._streams = streams
        self._news = news
        self._store = store
        self._wanted = wanted
        self._heard: deque[Told] = deque()
        self._bell = asyncio.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._news.leave(self)
        self._streams.leave(self)
        self._heard.clear()

    async def told(self, pulse_seconds: float) -> AsyncGenerator[Sequence[Told]]:
        """What is wanted, some entries at a time; none where for so long nothing came."""
        while not self.ended and self.place < self._news.last:
            yield await self._past()
        self._news.join(self)
        while not self.ended:
            try:
                async with asyncio.timeout(pulse_seconds):
                    await self._bell.wait()
            except TimeoutError:
                yield ()
                continue
            self._bell.clear()
            while self._heard and not self.ended:
                told = self._heard.popleft()
                self.place = told.entry.id
                yield (told,)
            if not self.ended and not self._heard:
                self.place = max(self.place, self._news.last)

    def hear(self, told: Sequence[Told]) -> None:
        """Take what is new."""
        new = [each for each in told if each.entry.id > self.place]
        self._heard.extend(each for each in new if self._wanted.fits(each.entry))
        if len(self._heard) > WAITING_MAX:
            self.end(SLOW)
        self._bell.set()

    def end(self, why: str) -> None:
        """Give no more."""
        self.ended = self.ended or why
        self._heard.clear()
        self._bell.set()

    async def _past(self) -> list[Told]:
        """The next of what is in the journal already."""
        last = self._news.last
        found = await self._store.find(
            JournalEntry,
            limit=_AT_ONCE,
            after=(self.place,),
            readable=True,
            **self._wanted.query,
        )
        told = await tell(self._store, found)
        end = found[-1].id if found else 0
        self.place = end if len(found) == _AT_ONCE else max(last, end)
        return told


class Streams:
    """All streams of one server."""

    def __init__(self, store: Store, clock: Clock, news: News) -> None:
        self._store = store
        self._clock = clock
        self._news = news
        self._open: set[Stream] = set()
        self._stopping = False

    async def open(self, key: ApiKey, wanted: Wanted, place: int) -> Stream:
        """A stream from `place` on, for the bearer of `key`. It counts until it is left.

        Raises `TooMany`; `Unavailable` where the server stops.
        """
        await self._news.look()
        if self._stopping:
            raise Unavailable(STOPPING)
        held = Counter(stream.key.name for stream in self._open)
        if held[key.name] >= STREAMS_PER_KEY_MAX:
            raise TooMany(f"this key has {STREAMS_PER_KEY_MAX} streams open, which is the most")
        if len(self._open) >= STREAMS_MAX:
            raise TooMany(f"{STREAMS_MAX} streams are open, which is the most")
        stream = Stream(self, self._news, self._store, key, wanted, place)
        self._open.add(stream)
        return stream

    @property
    def number(self) -> int:
        """How many are open."""
        return len(self._open)

    def leave(self, stream: Stream) -> None:
        """This stream is read by nobody any more."""
        self._open.discard(stream)

    def stop(self) -> None:
        """End every stream, and open no other."""
        self._stopping = True
        for stream in self._open:
            stream.end(STOPPING)

    async def run(self) -> None:
        """End the streams of keys that are not valid any more, for ever."""
        while True:
            await self._clock.sleep(KEYS_SECONDS)
            try:
                await self.look_at_keys()
            except Exception as error:  # whatever it was: a key that is over must be noticed
                _log.error("the keys of streams can't be read", why=repr(error))

    async def look_at_keys(self) -> None:
        """End the streams of keys that are not valid any more."""
        for name in {stream.key.name for stream in self._open}:
            known = await self._store.get(ApiKey, name)
            good = known is not None and not known.expired(self._clock.now())
            digest = known.digest if known is not None and good else ""
            for stream in self._open:
                if stream.key.name == name and stream.key.digest != digest:
                    stream.end(INVALID)
