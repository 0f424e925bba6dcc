"""A simulated machine's clock."""

from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.clock import BEGINNING, SimClock
from vmuster.sim.engine.loop import SimLoop


def test_the_wall_clock_may_be_wrong_and_time_itself_not() -> None:
    loop = SimLoop(Chance(1))
    clock = SimClock(loop, Chance(1))

    async def main() -> tuple[float, float]:
        await clock.sleep(60)
        clock.wrong_by = -86_400
        return clock.now(), clock.monotonic()

    assert loop.run(main()) == (BEGINNING + 60 - 86_400, 60.0)


def test_its_uuids_are_of_the_seed() -> None:
    loop = SimLoop(Chance(1))
    one, other = SimClock(loop, Chance(1)), SimClock(loop, Chance(1))
    assert [one.uuid(), one.uuid()] == [other.uuid(), other.uuid()]
