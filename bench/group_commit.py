"""A bare group commit: whatever waits goes into the next transaction, and nothing is decided.

The fairest limit for latency under load that there is on one file: one writer in a thread,
executemany, synchronous FULL, as many rows for each event as a decided event writes.
"""

import asyncio
import time
from pathlib import Path
from typing import Final

from bench.limit import BareRows
from bench.pacing import paced

ROWS_PER_EVENT: Final = 7
"""Host, record, operation, sighting, command, and two entries of the journal."""
_SAID: Final = "x" * 400


class GroupCommit:
    """Events in, and how long each waited until it was durable, in seconds."""

    def __init__(self, folder: Path) -> None:
        self.latencies: list[float] = []
        self._folder = folder
        self._waiting: list[tuple[int, float]] = []
        self._bell = asyncio.Event()

    async def run(self, per_second: float, seconds: float) -> None:
        """Write events at this pace for so long."""
        bare, count = await asyncio.to_thread(BareRows, self._folder), int(per_second * seconds)
        writing = asyncio.create_task(self._write(bare, count))
        await paced(range(count), per_second, self._put)
        await writing
        await asyncio.to_thread(bare.close)

    async def _put(self, number: int, due: float) -> None:
        self._waiting.append((number, due))
        self._bell.set()

    async def _write(self, bare: BareRows, count: int) -> None:
        while len(self.latencies) < count:
            await self._bell.wait()
            self._bell.clear()
            some, self._waiting = self._waiting, []
            rows = [
                (number * ROWS_PER_EVENT + each, _SAID)
                for number, _ in some
                for each in range(ROWS_PER_EVENT)
            ]
            await asyncio.to_thread(bare.commit, rows)
            now = time.perf_counter()
            self.latencies += [now - due for _, due in some]
