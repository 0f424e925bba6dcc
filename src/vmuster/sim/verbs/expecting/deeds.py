"""What is expected of what truly happens: deeds of the product, runs of VMs, and marks."""

from collections.abc import Sequence
from typing import Final

from vmuster.sim.verbs.expecting.moments import moment
from vmuster.sim.verbs.verb import Kind, Unmet, Verb
from vmuster.sim.world.truth import Act
from vmuster.sim.world.world import World

_DEEDS: Final = {
    "started": frozenset({"start"}),
    "stopped": frozenset({"shutdown", "force", "save"}),
    "forced": frozenset({"force"}),
    "saved": frozenset({"save"}),
    "marked": frozenset({"mark"}),
    "unmarked": frozenset({"unmark"}),
}
"""What people call an act, and what the hypervisor saw of it."""


def _acts(world: World, vm: str, deed: str = "") -> list[Act]:
    uuid, what = world.vm(vm), _DEEDS.get(deed, frozenset())
    return [act for act in world.truth.acts if act.vm == uuid and (not deed or act.what in what)]


def _none_of(acts: Sequence[Act], world: World) -> None:
    if acts:
        act = acts[0]
        raise Unmet(f"{act.what} of {world.name_of(act.vm)} on {act.host} at {act.at:.1f}")


async def _nothing(world: World, vm: str) -> None:
    _none_of(_acts(world, vm), world)


async def _nothing_since(world: World, vm: str, seconds: str) -> None:
    since = moment(world, seconds)
    _none_of([act for act in _acts(world, vm) if act.at >= since], world)


async def _nothing_by_itself(world: World) -> None:
    _none_of([a for a in world.truth.acts if a.command is None or a.command.automatic], world)


async def _nothing_at_all(world: World, seconds: str) -> None:
    since = moment(world, seconds)
    _none_of([act for act in world.truth.acts if act.at >= since], world)


async def _done(world: World, vm: str, deed: str, number: str) -> None:
    if deed not in _DEEDS:
        raise Unmet(f"there is no such deed; deeds are {', '.join(_DEEDS)}")
    if len(acts := _acts(world, vm, deed)) != float(number):
        raise Unmet(f"{len(acts)} times")


async def _never_done(world: World, vm: str, deed: str) -> None:
    await _done(world, vm, deed, "0")


async def _runs(world: World, vm: str, host: str) -> None:
    if world.truth.running(host, world.vm(vm)) is None:
        raise Unmet("it does not")


async def _runs_not(world: World, vm: str, host: str) -> None:
    if world.truth.running(host, world.vm(vm)) is not None:
        raise Unmet("it does")


async def _ran_since(world: World, vm: str, host: str, seconds: str) -> None:
    since = moment(world, seconds)
    runs = world.truth.runs.get((host, world.vm(vm)), [])
    if not world.truth.ran_throughout(host, world.vm(vm), since):
        ended = runs[-1].ended if runs else None
        raise Unmet("it never ran" if not runs else f"it ended at {ended}, or began again")


async def _bears(world: World, vm: str, host: str) -> None:
    if not _has_our_mark(world, vm, host):
        raise Unmet("it does not")


async def _bears_none(world: World, vm: str, host: str) -> None:
    if _has_our_mark(world, vm, host):
        raise Unmet("it does")


def _has_our_mark(world: World, vm: str, host: str) -> bool:
    """Whether a VM bears a mark that the product wrote for it. Raises `Unmet` without a host."""
    if host not in world.hosts:
        raise Unmet(f"there is no host {host}")
    domain = world.hosts[host].hypervisor.domains.get(world.vm(vm))
    return domain is not None and domain.mark in world.truth.written.get(domain.uuid, set())


_FORMS: Final = {
    "expect nothing was done to {vm}": (_nothing, "The product never changed it."),
    "expect nothing was done to {vm} since {seconds}s": (_nothing_since, "Nor since then."),
    "expect nothing was done by itself": (_nothing_by_itself, "Every act was asked for."),
    "expect nothing was done at all since {seconds}s": (_nothing_at_all, "To no VM."),
    "expect {vm} was {deed} {number} times": (_done, f"Deeds: {', '.join(_DEEDS)}."),
    "expect {vm} was never {deed}": (_never_done, "The product did not do it."),
    "expect {vm} truly runs on {host}": (_runs, "A process of it is there."),
    "expect {vm} truly runs not on {host}": (_runs_not, "No process of it is there."),
    "expect {vm} has run on {host} since {seconds}s": (_ran_since, "Without a break."),
    "expect {vm} on {host} bears a mark of ours": (_bears, "One that the product wrote for it."),
    "expect {vm} on {host} bears no mark of ours": (_bears_none, "None that counts."),
}
DEEDS: Final = tuple(
    Verb(form=form, kind=Kind.EXPECT, what=what, do=do) for form, (do, what) in _FORMS.items()
)
