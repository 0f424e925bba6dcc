"""The end of all faults."""

from tests.faulty import Faulty
from vmuster.sim.verbs.faults.mending import HEALED


def test_whatever_is_broken_is_mended() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("beta is cut off", "the daemon on alpha hangs", "the server is killed")
        await small.happens(HEALED)
        assert not small.host_there("beta").line.up_cut
        assert small.host_there("alpha").hypervisor.facts.uuid
        assert small.world.server is not None

    Faulty().play(main)
