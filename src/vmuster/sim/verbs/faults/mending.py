"""The end of all faults: whatever is broken, by whomever, is mended."""

from typing import Final

from vmuster.sim.verbs.faults.breaking import heal
from vmuster.sim.world.world import World

HEALED: Final = "everything is healed"


async def _heal(world: World) -> None:
    await world.heal()


MENDING: Final = (heal(HEALED, _heal, "Nothing is broken any more; people do their part."),)
