"""How a story is told: a fleet is started, the story plays on it, and the fleet is stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.fleets import TestFleet, running_fleet

Story = Callable[[TestFleet], Awaitable[None]]


def tell(
    story: Story,
    *names: str,
    policy: dict[str, object] | None = None,
    database: Path | None = None,
) -> None:
    """Play `story` on a fleet with these simulated hypervisors (by default `alpha`)."""

    async def told() -> None:
        hosts = names or ("alpha",)
        async with running_fleet(*hosts, policy=policy, database=database) as fleet:
            await story(fleet)

    asyncio.run(told())
