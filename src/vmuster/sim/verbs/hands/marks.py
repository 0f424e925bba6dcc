"""Marks are taken out, written over, and brought back from old copies by hand."""

from typing import Final

from vmuster.drivers.simulated.domain import Domain
from vmuster.model.mark import RawMark
from vmuster.sim.verbs.hands.hand import hand
from vmuster.sim.verbs.meaning import domain_on, foreign_mark, forged_mark, within_reach
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.world import World


def _write(world: World, host: str, domain: Domain, mark: RawMark | None) -> None:
    """Live and config, as the hypervisor lets anybody do."""
    if domain.persistent:
        domain.config_mark = mark
    if domain.active or domain.saved:
        domain.live_mark = mark
    within_reach(world, host).ring(domain.uuid)


async def _strip(world: World, vm: str, host: str) -> None:
    domain = domain_on(world, vm, host)
    if domain.mark is None:
        raise Pointless(f"{vm} bears no mark")
    _write(world, host, domain, None)


async def _foreign(world: World, vm: str, host: str) -> None:
    domain = domain_on(world, vm, host)
    _write(world, host, domain, foreign_mark(world, domain.uuid))


async def _forged(world: World, vm: str, host: str) -> None:
    domain = domain_on(world, vm, host)
    _write(world, host, domain, await forged_mark(world, domain.uuid))


async def _copied(world: World, vm: str, host: str, origin: str) -> None:
    domain, model = domain_on(world, vm, host), domain_on(world, origin, host)
    if model.mark is None or model is domain:
        raise Pointless(f"{origin} has no mark to be copied")
    _write(world, host, domain, model.mark)


async def _restore(world: World, vm: str, host: str) -> None:
    """The mark of an earlier generation is back, with the rest of the VM."""
    domain = domain_on(world, vm, host)
    if domain.active:
        raise Pointless(f"{vm} runs")
    _write(world, host, domain, _earlier(world, domain))


async def _revert(world: World, vm: str, host: str) -> None:
    """As a restore, of one that runs: it goes on as it was then."""
    domain = domain_on(world, vm, host)
    if not domain.active:
        raise Pointless(f"{vm} does not run")
    _write(world, host, domain, _earlier(world, domain))


def _earlier(world: World, domain: Domain) -> RawMark:
    """The first mark that the product wrote into a VM, where it bears another now."""
    written = world.truth.written.get(domain.uuid, set())
    first = min(written, key=lambda mark: int(mark.generation), default=None)
    if first is None or first == domain.mark:
        raise Pointless("there is no earlier mark")
    return first


MARKS: Final = (
    hand("somebody strips the mark of {vm} on {host}", _strip, "Nothing shows that it is ours."),
    hand("somebody marks {vm} on {host} for another fleet", _foreign, "Over ours."),
    hand("somebody forges a mark of {vm} on {host}", _forged, "In our name, not by our key."),
    hand("somebody gives {vm} on {host} the mark of {origin}", _copied, "A good mark, of another."),
    hand("somebody restores an old copy of {vm} on {host}", _restore, "With its mark of then."),
    hand("somebody reverts {vm} on {host} to a snapshot", _revert, "With its mark of then."),
)
