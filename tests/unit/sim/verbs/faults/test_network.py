"""Lines that break: each sentence does what it says, and is mended by its heal."""

import asyncio

import pytest

from tests.faulty import Faulty
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.line import Line


@pytest.mark.parametrize(
    ("sentence", "up", "down"),
    [
        ("beta is cut off", True, True),
        ("beta is heard no more", True, False),
        ("beta hears nothing", False, True),
        ("every host is cut off", True, True),
    ],
)
def test_a_line_is_cut_these_ways_until_it_is_whole(sentence: str, up: bool, down: bool) -> None:
    async def main(small: Faulty) -> None:
        line = small.host_there("beta").line
        await small.happens(sentence)
        assert (line.up_cut, line.down_cut) == (up, down)
        await small.happens("beta is reached again")
        assert (line.up_cut, line.down_cut) == (False, False)

    Faulty().play(main)


def test_where_no_agent_is_on_the_host_its_hypervisor_is_out_of_reach() -> None:
    async def main(small: Faulty) -> None:
        faults = small.host_there("alpha").hypervisor.faults
        await small.happens("alpha is cut off", "beta is cut off")
        assert faults.gone
        assert not small.host_there("beta").hypervisor.faults.gone
        await small.happens("every host is reached again")
        assert not faults.gone

    Faulty().play(main)


def test_a_host_without_power_is_not_reached_again() -> None:
    async def main(small: Faulty) -> None:
        faults = small.host_there("alpha").hypervisor.faults
        await small.happens("alpha is cut off", "alpha loses power", "alpha is reached again")
        assert faults.gone
        await small.happens("alpha is powered on")
        assert not faults.gone

    Faulty().play(main)


def test_a_host_that_is_powered_on_behind_a_cut_line_is_not_reached() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("alpha loses power", "alpha is cut off", "alpha is powered on")
        assert small.host_there("alpha").hypervisor.faults.gone

    Faulty().play(main)


def test_a_line_flaps_until_it_is_mended() -> None:
    async def main(small: Faulty) -> None:
        line = small.host_there("beta").line
        await small.happens("the line to beta flaps every 4s")
        seen: list[bool] = []
        for _each in range(4):
            await asyncio.sleep(2.0)
            seen.append(line.up_cut and line.down_cut)
            await asyncio.sleep(2.0)
        assert seen == [True, False, True, False]
        await small.happens("beta is reached again")
        await asyncio.sleep(6.0)
        assert not line.up_cut

    Faulty().play(main)


def test_a_line_that_flaps_can_flap_again_but_not_twice_at_once() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("the line to beta flaps every 4s")
        with pytest.raises(Pointless):
            await small.happens("the line to beta flaps every 5s")
        await small.happens("beta is reached again", "the line to beta flaps every 5s")
        assert small.host_there("beta").line.flaps_every == 5.0

    Faulty().play(main)


def _values(line: Line) -> tuple[float, ...]:
    return line.slow, line.lost, line.repeated, line.overtaken


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("the line to beta is 20 times slower", (20.0, 0.0, 0.0, 0.0)),
        ("the line to beta loses 20%", (1.0, 0.2, 0.0, 0.0)),
        ("the line to beta repeats 50%", (1.0, 0.0, 0.5, 0.0)),
        ("the line to beta mixes up 10%", (1.0, 0.0, 0.0, 0.1)),
    ],
)
def test_a_line_is_unruly_until_it_is_quiet(sentence: str, values: tuple[float, ...]) -> None:
    async def main(small: Faulty) -> None:
        line = small.host_there("beta").line
        await small.happens(sentence)
        assert _values(line) == values
        await small.happens("the line to beta is quiet again")
        assert _values(line) == (1.0, 0.0, 0.0, 0.0)

    Faulty().play(main)


def test_a_call_inside_one_process_is_never_lost_on_a_line() -> None:
    async def main(small: Faulty) -> None:
        with pytest.raises(Pointless):
            await small.happens("the line to alpha loses 20%")

    Faulty().play(main)
