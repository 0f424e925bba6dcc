"""All figures at one moment, whoever asks, and however large the fleet.

What the database counts is counted aside, at most every few seconds, and followed by a rest: who
asks while it is being counted is told the numbers of before, and waits for no count. A database
that does not answer one short question is down, and what it counted is left out.
"""

import asyncio
import contextvars
import platform
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import structlog

from vmuster.model.errors import VmusterError
from vmuster.model.host import Cluster, Fleet
from vmuster.server.context import Context
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.database import of_acts, of_journal, of_keys, of_vms
from vmuster.server.figures.memory import of_cluster, of_fleet, of_hosts
from vmuster.server.figures.metric import Sample
from vmuster.server.paging import find_all
from vmuster.server.watch.streams import Streams

_log = structlog.get_logger("vmuster.figures")
CACHED_SECONDS: Final = 5.0
"""Numbers of the database that are younger are told again."""
_REST: Final = 20
"""A count is followed by a rest of at least so many times its own length,"""
_REST_SECONDS_MAX: Final = 60.0
"""but not longer than this."""
WAITED_SECONDS: Final = 0.3
"""How long who asks waits for new numbers; most fleets are counted in less."""
ANSWER_SECONDS_MAX: Final = 2.0
"""A database that takes longer for its fleet's row does not answer."""
COUNTED_SECONDS_MAX: Final = 15.0
"""A count that takes longer is given up."""


class Scrape:
    """Gathers the gauges of one server; its counters are in `context.figures`."""

    def __init__(self, context: Context, streams: Streams) -> None:
        self._context = context
        self._streams = streams
        self._counted: Sequence[Sample] = ()
        self._clusters: Sequence[Cluster] = ()
        self._due = context.clock.monotonic()
        self._counting: asyncio.Task[None] | None = None

    async def gauges(self) -> dict[str, list[Sample]]:
        """What every gauge shows now, by the metric's name."""
        answers = await self._answers()
        counted = await self._latest() if answers else ()
        context, found = self._context, defaultdict[str, list[Sample]](list)
        samples = (
            _BUILD,
            Sample(metric=of.STREAMS, value=self._streams.number),
            Sample(metric=of.DATABASE_UP, value=answers),
            *(sample for each in self._clusters for sample in of_cluster(context, each)),
            *of_hosts(context),
            *of_fleet(context),
            *context.figures.watched(),
            *counted,
        )
        for sample in samples:
            found[sample.metric.name].append(sample)
        return found

    async def close(self) -> None:
        """Count no more."""
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.gather(self._counting, return_exceptions=True)

    async def _answers(self) -> bool:
        """Whether the database answers now."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                return await self._context.store.get(Fleet) is not None
        except (VmusterError, TimeoutError):
            return False

    async def _latest(self) -> Sequence[Sample]:
        """What the database counted last; nothing where that failed, or is not there yet."""
        if self._context.clock.monotonic() >= self._due and self._counting is None:
            # it outlives who asks: no line of its log is about that request
            self._counting = asyncio.create_task(self._count(), context=contextvars.Context())
        if self._counting is not None:
            await asyncio.wait((self._counting,), timeout=WAITED_SECONDS)
        return self._counted

    async def _count(self) -> None:
        clock = self._context.clock
        begun = clock.monotonic()
        try:
            async with asyncio.timeout(COUNTED_SECONDS_MAX):
                self._counted = await self._numbers()
        except Exception as error:  # whatever it was: what is known by heart is told
            _log.warning("the figures of the database could not be counted", why=repr(error))
            self._counted = ()
        finally:
            ended = clock.monotonic()
            rest = min(_REST * (ended - begun), _REST_SECONDS_MAX)
            self._due = ended + max(CACHED_SECONDS, rest)
            self._counting = None

    async def _numbers(self) -> list[Sample]:
        store, now = self._context.store, self._context.clock.now()
        known = await find_all(store, Cluster, readable=True)
        self._clusters = sorted(known, key=lambda cluster: (cluster.created_at, cluster.name))
        parts = (of_vms(store), of_acts(store), of_journal(store, now), of_keys(store, now))
        samples = [sample for part in parts async for sample in part]
        return [*samples, Sample(metric=of.COUNTED, value=now)]


_BUILD: Final = Sample(
    metric=of.BUILD, value=1, labels=(version("vmuster"), platform.python_version())
)
