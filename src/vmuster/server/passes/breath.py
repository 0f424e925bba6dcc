"""Work on many reports that lets others run now and then: heartbeats, requests, what is known.

What is counted is what there is to do, and not the time that it takes: so that a simulation plays
the same moments.
"""

import asyncio
from typing import Final

_AT_A_STRETCH: Final = 200
"""VMs that are judged at a stretch: a few milliseconds."""
_REPORT: Final = 10
"""What a report takes beside its VMs, in VMs."""


class Breath:
    """One stretch of work after the other."""

    def __init__(self) -> None:
        self._left = _AT_A_STRETCH

    async def take(self, vms: int) -> None:
        """Before work on one report in which there are so many VMs to judge."""
        if self._left <= 0:
            self._left = _AT_A_STRETCH
            await asyncio.sleep(0)
        self._left -= _REPORT + vms
