"""L4: after the last fault is healed, records equal the world, and VMs are as they were asked for.

Checked once, at the end: everything is healed, and there is time, for as long as the policies ask
for patience and no longer. The first moment of agreement ends the wait.
"""

import asyncio
from typing import Final

from vmuster.model.host import Cluster, Host
from vmuster.model.states import OperationKind
from vmuster.sim.laws.agreement import Estate, differences
from vmuster.sim.laws.law import Law
from vmuster.sim.laws.wishes import unfulfilled

_STEP_SECONDS: Final = 20.0
"""Between two looks at the world."""
_HOLD_SECONDS_MAX: Final = 3600.0
"""Longer than this no host that comes back is kept waiting."""
_SLACK_SECONDS: Final = 120.0
_NAMED_MAX: Final = 5
"""So many differences are told; where there are more, these say enough."""


class Convergence(Law):
    """See above."""

    name = "L4"

    async def at_end(self) -> None:
        """Heal, wait, compare."""
        loop = self.world.loop
        await self.world.heal()
        deadline = loop.time() + self.patience() + self.pause()
        while True:
            await asyncio.sleep(_STEP_SECONDS)
            found = self.found()
            if not found:
                return
            if loop.time() >= deadline:
                break
        for what in found[:_NAMED_MAX]:
            self.violate(what)

    def found(self) -> list[str]:
        """What differs now."""
        estate = Estate(self.world)
        return [*differences(estate), *unfulfilled(estate)]

    def pause(self) -> float:
        """For how many seconds what failed for certain before now is not tried again."""
        estate = Estate(self.world)
        return max(map(estate.pause, estate.open), default=0.0)

    def patience(self) -> float:
        """For how long the policies let things wait, in seconds: all one after the other."""
        clusters, hosts = self.world.database.every(Cluster), self.world.database.every(Host)
        waits = [
            policy.quiet_seconds
            + policy.unreachable_after_seconds
            + policy.suspect_after_seconds
            + 2 * policy.patience(OperationKind.STOP)
            + policy.confirm_after_seconds
            + policy.report_seconds * (policy.seen_before_stop + 4)
            + policy.restart_backoff_seconds * 2.0**policy.restart_tries_max
            + policy.steady_seconds * 2.0 ** max((host.flaps for host in hosts), default=0)
            for policy in (cluster.policy for cluster in clusters)
        ]
        return min(max(waits, default=0.0), _HOLD_SECONDS_MAX + _HOLD_SECONDS_MAX) + _SLACK_SECONDS
