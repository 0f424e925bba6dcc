"""What passes went by and decided, kept for a replay: on demand, bounded, and in nobody's way.

A pass only lays itself down here; it is written a moment later, by a thread. Where the writing does
not keep up, passes are missed and counted; where it fails (the disk is full), the recording ends
with an alert, and the server goes on.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec
import structlog

from vmuster.model.changes import Changes
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC
from vmuster.model.plan import Plan
from vmuster.model.text import safe
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.reconcile.passed import Given, Passed, passed

_log = structlog.get_logger("vmuster.recording")
WAITING_ROWS_MAX: Final = 50_000
"""VMs in passes that wait to be written; what comes beyond is missed (L10)."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a recording, to be fetched by itself. `size`: in bytes, compressed."""

    number: int
    size: int


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A recording as it stands; there is none where it never `started_at`.

    It goes on until `ends_at`, or until somebody stopped it, or it failed; `stopped` says why it
    ended before its time. `size`, `size_max`: bytes; beyond, the oldest segment is dropped.
    `passes`: written since the server started; `missed`: what came faster than it could be written.
    """

    started_at: float = 0.0
    ends_at: float = 0.0
    size_max: int = 0
    stopped: str = ""
    size: int = 0
    passes: int = 0
    missed: int = 0
    segments: tuple[Segment, ...] = ()

    def runs(self, now: float) -> bool:
        """Whether passes are kept at this moment."""
        return now < self.ends_at and not self.stopped


class RecordingPlace(Protocol):
    """Where a recording is kept. All but `recording` wait for a disk, and may raise `OSError`; one
    call at a time is made, but for `segment`."""

    @property
    def recording(self) -> Recording:
        """The recording as it stands."""
        ...

    def begin(self, recording: Recording) -> None:
        """Begin anew; the one before is dropped."""
        ...

    def write(self, passes: Sequence[Passed]) -> None:
        """Write down some passes, and drop the oldest segments beyond the bound."""
        ...

    def end(self, why: str) -> None:
        """Write no more; what was written stays."""
        ...

    def drop(self) -> None:
        """Drop all that was written."""
        ...

    def segment(self, number: int) -> bytes | None:
        """A segment, as far as it is written; None where there is none of this number."""
        ...


class Unkept:
    """Implements `RecordingPlace`, in vain: tells of another, and changes nothing there."""

    def __init__(self, recording: Recording | None = None) -> None:
        self.recording = recording or Recording()

    def begin(self, recording: Recording) -> None:
        """As `RecordingPlace.begin`; only remembered."""
        self.recording = recording

    def write(self, passes: Sequence[Passed]) -> None:
        """Write nothing."""

    def end(self, why: str) -> None:
        """As `RecordingPlace.end`; only remembered."""
        self.recording = msgspec.structs.replace(self.recording, stopped=why)

    def drop(self) -> None:
        """As `RecordingPlace.drop`; only remembered."""
        self.recording = Recording()

    def segment(self, number: int) -> bytes | None:  # noqa: ARG002 - there is none
        """There is none."""
        return None


class Recorder:
    """Keeps passes at `place` while a recording runs."""

    def __init__(self, store: Store, clock: Clock, place: RecordingPlace) -> None:
        self._store = store
        self._clock = clock
        self._place = place
        self._turn = asyncio.Lock()
        self._bell = asyncio.Event()
        self._waiting: list[tuple[Given, Plan]] = []
        self._rows = 0
        self._missed = 0

    @property
    def recording(self) -> Recording:
        """The recording as it stands."""
        return msgspec.structs.replace(self._place.recording, missed=self._missed)

    @property
    def runs(self) -> bool:
        """Whether passes are kept now: then each is one over its host's whole account."""
        return self._place.recording.runs(self._clock.now())

    def keep(self, given: Given, plan: Plan) -> None:
        """Keep a pass, where somebody wants that; it waits for nothing."""
        if not self._place.recording.runs(given.at):
            return
        rows = 1 + len(given.report.vms) + len(given.recorded.records)
        if self._waiting and self._rows + rows > WAITING_ROWS_MAX:
            self._missed += 1
            return
        self._waiting.append((given, plan))
        self._rows += rows
        self._bell.set()

    async def run(self) -> None:
        """Write down what waits, for ever."""
        while True:
            await self._bell.wait()
            await self.flush()

    async def flush(self) -> None:
        """Write down what waits now. Where that can't be, the recording ends."""
        async with self._turn:
            self._bell.clear()
            waiting, self._waiting, self._rows = self._waiting, [], 0
            if self._place.recording.stopped:
                self._missed += len(waiting)
                return
            if not waiting:
                return
            try:
                await asyncio.to_thread(self._write, waiting)
            except Exception as error:  # whatever it was: the server goes on
                await self._failed(error)

    async def begin(self, recording: Recording) -> None:
        """Begin a recording; the one before is dropped. Raises `OSError`."""
        async with self._turn:
            self._waiting, self._rows, self._missed = [], 0, 0
            await asyncio.to_thread(self._place.begin, recording)

    async def end(self, why: str) -> None:
        """End the recording, with all that was kept until now. Raises `OSError`."""
        await self.flush()
        async with self._turn:
            await self._end(why)

    async def drop(self) -> None:
        """Drop the recording, and all of it. Raises `OSError`."""
        async with self._turn:
            self._waiting, self._rows, self._missed = [], 0, 0
            await asyncio.to_thread(self._place.drop)

    async def segment(self, number: int) -> bytes | None:
        """A segment, with all that was kept until now; None where there is none of this number."""
        await self.flush()
        return await asyncio.to_thread(self._place.segment, number)

    def _write(self, waiting: Sequence[tuple[Given, Plan]]) -> None:
        self._place.write([passed(given, plan) for given, plan in waiting])

    async def _failed(self, error: Exception) -> None:
        why = safe(f"it can't be written: {error}")
        _log.error("the recording is over", why=repr(error))
        for tell in (self._end, self._alert):
            try:
                await tell(why)
            except Exception as worse:  # as above
                _log.error("it can't be written down that it is over", why=repr(worse))

    async def _end(self, why: str) -> None:
        await asyncio.to_thread(self._place.end, why)

    async def _alert(self, why: str) -> None:
        entry = JournalEntry(
            at=self._clock.now(),
            kind=EntryKind.ALERT,
            actor=AUTOMATIC,
            what=f"the recording has ended: {why}",
        )
        await self._store.commit([Changes(entries=(entry,))])
