"""A store whose commits are counted, and what they bring."""

from collections.abc import Sequence

from vmuster.model.changes import Changes
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.commits import count_written
from vmuster.server.figures.figures import Figures
from vmuster.server.figures.labels import CommitOutcome
from vmuster.server.relayed import RelayedStore


class CountedStore(RelayedStore):
    """What is rehearsed is not counted: it does not happen."""

    def __init__(self, store: Store, clock: Clock, figures: Figures) -> None:
        super().__init__(store)
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
