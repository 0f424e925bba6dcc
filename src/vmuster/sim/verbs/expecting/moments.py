"""Moments of a story, for people and for the world."""

from vmuster.sim.world.world import World


def moment(world: World, seconds: str) -> float:
    """In seconds since the run began: so many seconds after the server served first."""
    return min(world.truth.serving.values(), default=0.0) + float(seconds)
