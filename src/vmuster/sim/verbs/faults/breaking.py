"""How faults and heals are made, and when they make no sense."""

from vmuster.sim.verbs.meaning import host_there
from vmuster.sim.verbs.verb import Deed, Kind, Pointless, Verb
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.world import World


def fault(form: str, do: Deed, what: str) -> Verb:
    """Something breaks."""
    return Verb(form=form, kind=Kind.FAULT, what=what, do=do)


def heal(form: str, do: Deed, what: str) -> Verb:
    """Something is mended."""
    return Verb(form=form, kind=Kind.HEAL, what=what, do=do)


def far_host_of(world: World, name: str) -> SimHost:
    """The host of this name, which has an agent of its own; raises `Pointless` where it has not."""
    host = host_there(world, name)
    if not host.far:
        raise Pointless(f"{name} has no agent of its own")
    return host


def changes(*, so: bool, already: str) -> None:
    """Raises `Pointless` unless something is `so` that a step could change."""
    if not so:
        raise Pointless(already)
