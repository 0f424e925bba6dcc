"""The hypervisor of a host and the host itself: dead, hung, lying, forgetful, dark."""

from collections.abc import Callable
from typing import Final

from vmuster.drivers.simulated.hypervisor import Hang
from vmuster.sim.verbs.faults.breaking import changes, fault, heal
from vmuster.sim.verbs.meaning import domain_on, host_there, known_vm
from vmuster.sim.verbs.verb import Deed, Pointless
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.world import World

_SLOW_TIMES: Final = 300.0
"""A call that takes hundredths of a second takes seconds then: the look is old when it arrives."""


def _on(deed: Callable[[SimHost], object]) -> Deed:
    """A deed on a host that needs nothing else."""

    async def do(world: World, host: str) -> None:
        _ = deed(host_there(world, host))

    return do


def _set(name: str, value: object) -> Deed:
    """One of the hypervisor's faults gets this value."""
    return _on(lambda host: setattr(host.hypervisor.faults, name, value))


def _put(name: str, value: object) -> Deed:
    """One of the hypervisor's own values is this one now."""
    return _on(lambda host: setattr(host.hypervisor, name, value))


async def _die(world: World, host: str) -> None:
    there = host_there(world, host)
    changes(so=not there.hypervisor.faults.dead, already="it is dead already")
    there.hypervisor.kill_daemon()


async def _start(world: World, host: str) -> None:
    there = host_there(world, host)
    changes(so=there.hypervisor.faults.dead and not there.off, already="there is nothing to start")
    there.hypervisor.start_daemon()


async def _restart(world: World, host: str) -> None:
    there = host_there(world, host)
    changes(so=not there.off, already="the host is without power")
    there.hypervisor.kill_daemon()
    there.hypervisor.start_daemon()


async def _sicken(world: World, vm: str, host: str) -> None:
    host_there(world, host).hypervisor.faults.sick.add(domain_on(world, vm, host).uuid)


async def _hide(world: World, vm: str, host: str) -> None:
    host_there(world, host).hypervisor.faults.hidden.add(domain_on(world, vm, host).uuid)


async def _show(world: World, vm: str, host: str) -> None:
    there, uuid = host_there(world, host), known_vm(world, vm)
    there.hypervisor.faults.sick.discard(uuid)
    there.hypervisor.faults.hidden.discard(uuid)


async def _freeze_guest(world: World, vm: str, host: str) -> None:
    domain = domain_on(world, vm, host)
    changes(so=domain.active, already="it does not run")
    domain.frozen = True


async def _thaw_guest(world: World, vm: str, host: str) -> None:
    domain = host_there(world, host).hypervisor.domains.get(known_vm(world, vm))
    if domain is None or not domain.frozen:
        raise Pointless(f"{vm} does not hang on {host}")
    domain.frozen = False


async def _power_off(world: World, host: str) -> None:
    there = host_there(world, host)
    changes(so=not there.off, already="it is off already")
    world.power_off(there)


async def _power_on(world: World, host: str) -> None:
    there = host_there(world, host)
    changes(so=there.off, already="it is on already")
    world.power_on(there)


async def _reboot(world: World, host: str) -> None:
    await _power_off(world, host)
    await _power_on(world, host)


async def _hang_whole(world: World, host: str) -> None:
    """The machine stands still: its agent, or whatever would answer the servers' calls."""
    there = host_there(world, host)
    changes(so=not there.off, already="it is off")
    if there.far:
        world.loop.freeze(there.agent)
    else:
        there.hypervisor.faults.gone = True


async def _go_on(world: World, host: str) -> None:
    there = host_there(world, host)
    changes(so=not there.off, already="it is off")
    world.loop.thaw(there.agent)
    there.cut(up=there.line.up_cut, down=there.line.down_cut)


DAEMONS: Final = (
    fault("the daemon on {host} dies", _die, "Its VMs run on."),
    heal("the daemon on {host} is started", _start, "It forgot why VMs had stopped."),
    fault("the daemon on {host} is restarted", _restart, "It dies and is there again at once."),
    fault("the daemon on {host} hangs", _set("hang", Hang.BEFORE), "It answers nothing."),
    fault(
        "the daemon on {host} does and does not answer",
        _set("hang", Hang.AFTER),
        "Acts are carried out, and their answer never comes.",
    ),
    heal("the daemon on {host} answers again", _set("hang", Hang.NO), "It hangs no more."),
    fault("{host} answers slowly", _put("slow", _SLOW_TIMES), "Looks and acts take seconds."),
    heal("{host} answers fast again", _put("slow", 1.0), "As usual."),
    fault("lists on {host} fail", _set("listing_fails", True), "An error, and no list."),
    heal("lists on {host} succeed again", _set("listing_fails", False), "As usual."),
    fault("lists on {host} are empty", _set("empty_listing", True), "No error, and no VM."),
    heal("lists on {host} are whole again", _set("empty_listing", False), "As usual."),
    fault("{vm} can't be read on {host}", _sicken, "Lists are partial."),
    fault("{vm} is left out of lists on {host}", _hide, "Lists that claim to be whole are not."),
    heal("{vm} is shown on {host} again", _show, "It is read and listed."),
    fault("{vm} hangs on {host}", _freeze_guest, "Its process runs and answers nothing."),
    heal("{vm} goes on on {host}", _thaw_guest, "It answers again."),
    fault(
        "the daemon on {host} forgets its VMs",
        _on(lambda host: host.hypervisor.forget_state()),
        "It knows none of them any more; those that ran run on.",
    ),
    fault(
        "the daemon on {host} takes its VMs for stopped",
        _on(lambda host: host.hypervisor.forget_runs()),
        "It knows them, and not that they run.",
    ),
    heal(
        "the daemon on {host} remembers its VMs",
        _on(lambda host: host.hypervisor.remember()),
        "It finds what it had forgotten.",
    ),
    fault(
        "events on {host} are lost",
        _put("bells_lost", True),
        "Changes wait for a look.",
    ),
    heal("events on {host} are heard again", _put("bells_lost", False), "As usual."),
    fault("saving fails on {host}", _set("save_fails", True), "No memory image can be written."),
    heal("saving works on {host} again", _set("save_fails", False), "As usual."),
    fault("{host} loses power", _power_off, "Its VMs end, its agent with them."),
    heal("{host} is powered on", _power_on, "It boots; no VM runs."),
    fault("{host} reboots", _reboot, "Its VMs end, and it is there again at once."),
    fault("{host} stands still", _hang_whole, "Its VMs run, and nothing there answers."),
    heal("{host} goes on", _go_on, "As if nothing had been."),
)
