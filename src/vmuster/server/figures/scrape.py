"""All figures at one moment, whoever asks, and however large the fleet.

What the database counts is counted aside, at most every few seconds, and followed by a rest: who
asks while it is being counted is told the numbers of before, and waits for no count but the first.
A database that does not answer leaves them out.
"""

import asyncio
import platform
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import structlog

from vmuster.model.host import Cluster
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
"""A count is followed by a rest of at least so many times its own length."""
WAITED_SECONDS: Final = 0.2
"""How long who asks waits for new numbers where there are some of before."""
FIRST_SECONDS: Final = 5.0
"""And where there are none."""
COUNTED_SECONDS_MAX: Final = 15.0
"""A database that takes longer is one that does not answer."""


class Scrape:
    """Gathers the gauges of one server; its counters are in `context.figures`."""

    def __init__(self, context: Context, streams: Streams) -> None:
        self._context = context
        self._streams = streams
        self._counted: Sequence[Sample] | None = None
        self._clusters: Sequence[Cluster] = ()
        self._due = context.clock.monotonic()
        self._counting: asyncio.Task[None] | None = None

    async def gauges(self) -> dict[str, list[Sample]]:
        """What every gauge shows now, by the metric's name."""
        counted = await self._from_database()
        context, found = self._context, defaultdict[str, list[Sample]](list)
        samples = [
            _BUILD,
            Sample(metric=of.STREAMS, value=self._streams.number),
            Sample(metric=of.DATABASE_UP, value=counted is not None),
            *(sample for each in self._clusters for sample in of_cluster(context, each)),
            *of_hosts(context),
            *of_fleet(context),
            *context.figures.watched(),
        ]
        for sample in (*samples, *(counted or ())):
            found[sample.metric.name].append(sample)
        return found

    async def close(self) -> None:
        """Count no more."""
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.gather(self._counting, return_exceptions=True)

    async def _from_database(self) -> Sequence[Sample] | None:
        """What the database counted last; None where it does not answer."""
        if self._context.clock.monotonic() >= self._due and self._counting is None:
            self._counting = asyncio.create_task(self._count())
        if self._counting is not None:
            patience = FIRST_SECONDS if self._counted is None else WAITED_SECONDS
            await asyncio.wait((self._counting,), timeout=patience)
        return self._counted

    async def _count(self) -> None:
        clock = self._context.clock
        begun = clock.monotonic()
        try:
            async with asyncio.timeout(COUNTED_SECONDS_MAX):
                self._counted = await self._answers()
        except Exception as error:  # whatever it was: what is known by heart is told
            _log.warning("the database does not say its figures", why=repr(error))
            self._counted = None
        finally:
            ended = clock.monotonic()
            self._due = ended + max(CACHED_SECONDS, _REST * (ended - begun))
            self._counting = None

    async def _answers(self) -> list[Sample]:
        store, now = self._context.store, self._context.clock.now()
        known = await find_all(store, Cluster, readable=True)
        self._clusters = sorted(known, key=lambda cluster: (cluster.created_at, cluster.name))
        parts = (of_vms(store), of_acts(store), of_journal(store, now), of_keys(store, now))
        samples = [sample for part in parts async for sample in part]
        return [*samples, Sample(metric=of.COUNTED, value=now)]


_BUILD: Final = Sample(
    metric=of.BUILD, value=1, labels=(version("vmuster"), platform.python_version())
)
