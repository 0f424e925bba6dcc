"""The moments of a story count from when the server served first."""

from vmuster.sim.verbs.expecting.moments import moment
from vmuster.sim.world.world import World


def test_a_moment_counts_from_when_the_server_served_first() -> None:
    world = World(1)
    assert moment(world, "30") == 30.0
    world.truth.serving.update({"server-2": 90.25, "server-1": 0.5})
    assert moment(world, "30") == 30.5
