"""Clocks that are wrong: each sentence does what it says, and is mended by its heal."""

import pytest

from tests.faulty import Faulty
from vmuster.sim.verbs.verb import Pointless


def test_the_clock_of_a_host_jumps_and_is_set() -> None:
    async def main(small: Faulty) -> None:
        clock = small.host_there("beta").clock
        right = clock.now()
        await small.happens("the clock of beta jumps by 300s", "the clock of beta jumps by -20s")
        assert clock.now() == right + 280.0
        await small.happens("the clock of beta is right again")
        assert clock.now() == right

    Faulty().play(main)


def test_the_clock_of_the_servers_machine_is_that_of_the_next_server_too() -> None:
    async def main(small: Faulty) -> None:
        first = small.world.servers[-1].clock
        right = first.now()
        await small.happens("the clock of the server jumps by -30s", "the server is restarted")
        second = small.world.servers[-1].clock
        assert first.now() == second.now() == right - 30.0
        await small.happens("the clock of the server is right again")
        assert second.now() == right

    Faulty().play(main)


def test_an_agent_in_the_server_has_no_clock_of_its_own() -> None:
    async def main(small: Faulty) -> None:
        with pytest.raises(Pointless):
            await small.happens("the clock of alpha jumps by 30s")

    Faulty().play(main)
