"""What is expected of hosts, of the server, and of what keeps automation back."""

from typing import Final

from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.host import Fleet, Host
from vmuster.model.text import visible
from vmuster.sim.verbs.expecting.vms import recorded_host
from vmuster.sim.verbs.verb import Kind, Unmet, Verb
from vmuster.sim.world.world import World


async def _health(world: World, host: str, health: str) -> None:
    found = await recorded_host(world, host)
    if found.health != health:
        raise Unmet(f"it is {found.health}: {visible(found.trouble) or 'no trouble'}")


async def _mode(world: World, host: str, mode: str) -> None:
    if (found := await recorded_host(world, host)).mode != mode:
        raise Unmet(f"its mode is {found.mode}")


async def _trouble(world: World, host: str, words: str) -> None:
    if words not in (found := await recorded_host(world, host)).trouble:
        raise Unmet(f"its trouble is {visible(found.trouble) or 'none'}")


async def _no_trouble(world: World, host: str) -> None:
    if (found := await recorded_host(world, host)).trouble:
        raise Unmet(f"its trouble is {visible(found.trouble)}")


async def _gone(world: World, host: str) -> None:
    if any(each.name == host for each in await world.database.rows.find(Host)):
        raise Unmet("it is there")


async def _armed(world: World, host: str) -> None:
    if (found := await recorded_host(world, host)).disarmed is not None:
        raise Unmet(f"it was disarmed by {visible(found.disarmed.by)}")


async def _disarmed(world: World, host: str) -> None:
    if (await recorded_host(world, host)).disarmed is None:
        raise Unmet("it is armed")


async def _fleet(world: World) -> Fleet:
    fleet = await world.database.rows.get(Fleet)
    if fleet is None:
        raise Unmet("no fleet was founded yet")
    return fleet


async def _quarantine(world: World) -> None:
    if (await _fleet(world)).quarantine is None:
        raise Unmet("it is not")


async def _no_quarantine(world: World) -> None:
    if (found := (await _fleet(world)).quarantine) is not None:
        raise Unmet(f"it is: {visible('; '.join(found.evidence))}")


async def _fleet_disarmed(world: World) -> None:
    if (await _fleet(world)).disarmed is None:
        raise Unmet("it is armed")


async def _held(world: World, host: str) -> HeldPlan | None:
    plan = await world.database.rows.get(HeldPlan, (await recorded_host(world, host)).id)
    return plan if plan is not None and plan.state is HoldState.HELD else None


async def _plan_held(world: World, host: str, number: str) -> None:
    plan = await _held(world, host)
    if plan is None or len(plan.acts) != float(number):
        raise Unmet("none is" if plan is None else f"one of {len(plan.acts)} acts is")


async def _no_plan(world: World, host: str) -> None:
    if (plan := await _held(world, host)) is not None:
        raise Unmet(f"one of {len(plan.acts)} acts is: {visible(plan.why)}")


async def _serving(world: World) -> None:
    if world.server is None or world.server.service is None:
        raise Unmet("none does")


_FORMS: Final = {
    "expect host {host} is {health}": (_health, "Its health."),
    "expect host {host} is in mode {mode}": (_mode, "What may be done there."),
    'expect host {host} is in trouble: "{words}"': (_trouble, "What is said of its account."),
    "expect host {host} is in no trouble": (_no_trouble, "Its account is whole."),
    "expect there is no host {host}": (_gone, "The fleet has none of that name."),
    "expect host {host} is armed by itself": (_armed, "Nobody has disarmed this very host."),
    "expect host {host} is disarmed by itself": (_disarmed, "This very host was disarmed."),
    "expect the fleet is in quarantine": (_quarantine, "The database is taken for an older one."),
    "expect the fleet is in no quarantine": (_no_quarantine, "The database is trusted."),
    "expect the fleet is disarmed": (_fleet_disarmed, "As after a quarantine."),
    "expect a plan for {host} is held with {number} acts": (_plan_held, "It waits for a person."),
    "expect no plan for {host} is held": (_no_plan, "Nothing waits for a person."),
    "expect a server serves": (_serving, "One is there, and is ready."),
}
HOSTS: Final = tuple(
    Verb(form=form, kind=Kind.EXPECT, what=what, do=do) for form, (do, what) in _FORMS.items()
)
