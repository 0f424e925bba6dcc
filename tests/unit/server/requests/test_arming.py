"""Automation is disarmed and armed: where it was said, in whose name, and once."""

import msgspec
import pytest

from tests.agents import fresh, talking
from tests.servers import Bench
from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.errors import NotFound
from vmuster.model.host import Fleet, Host, LocalProfile
from vmuster.model.journal import EntryKind
from vmuster.model.messages import Configure
from vmuster.server.requests.arming import Arming, ArmingScope

pytestmark = pytest.mark.anyio
SCOPES = [(ArmingScope.FLEET, ""), (ArmingScope.CLUSTER, "default"), (ArmingScope.HOST, "alpha")]


async def disarmed(parts: Bench) -> dict[ArmingScope, Disarmed | None]:
    fleet = await parts.store.get(Fleet)
    assert fleet is not None
    assert fleet.disarmed == parts.context.fleet.disarmed
    (host,) = await parts.store.find(Host, name="alpha")
    return {
        ArmingScope.FLEET: fleet.disarmed,
        ArmingScope.CLUSTER: (await parts.cluster()).disarmed,
        ArmingScope.HOST: host.disarmed,
    }


@pytest.mark.parametrize(("scope", "name"), SCOPES)
async def test_it_is_disarmed_and_armed_there_and_nowhere_else(
    parts: Bench, scope: ArmingScope, name: str
) -> None:
    await parts.host()
    arming, now = Arming(parts.context, parts.heard), parts.clock.now()
    await arming.disarm(scope, name, why="new switches", actor="ann")
    said = Disarmed(by="ann", at=now, why="new switches")
    assert await disarmed(parts) == {each: said if each is scope else None for each in ArmingScope}
    entry = (await parts.journal())[-1]
    assert (entry.kind, entry.actor) == (EntryKind.AUDIT, "ann")
    assert "disarmed: new switches" in entry.what
    await arming.arm(scope, name, actor="bert")
    assert set((await disarmed(parts)).values()) == {None}
    assert "armed" in (await parts.journal())[-1].what


@pytest.mark.parametrize(("scope", "name"), SCOPES)
async def test_asked_twice_is_asked_once(parts: Bench, scope: ArmingScope, name: str) -> None:
    await parts.host()
    arming = Arming(parts.context, parts.heard)
    await arming.arm(scope, name, actor="ann")
    await arming.disarm(scope, name, why="first", actor="ann")
    before = await disarmed(parts), await parts.journal()
    parts.clock.pass_by(60)
    for why in ("first", ""):
        await arming.disarm(scope, name, why=why, actor="bert")
    assert (await disarmed(parts), await parts.journal()) == before


@pytest.mark.parametrize(("first", "both"), [("new disks", "new disks; bert: rain"), ("", "rain")])
async def test_a_second_reason_is_added_to_the_first(parts: Bench, first: str, both: str) -> None:
    arming, now = Arming(parts.context, parts.heard), parts.clock.now()
    await arming.disarm(ArmingScope.FLEET, why=first, actor="ann")
    parts.clock.pass_by(60)
    for _ in range(2):
        await arming.disarm(ArmingScope.FLEET, why="rain", actor="bert")
    said = parts.context.fleet.disarmed
    assert said is not None
    assert (said.by, said.at) == ("ann", now)
    assert said.why == (both if first else f"bert: {both}")
    entries = [entry for entry in await parts.journal() if "disarmed" in entry.what]
    assert [entry.actor for entry in entries] == ["ann", "bert"]


@pytest.mark.parametrize("first", ["x" * 500, "racks 10-19", "brain", "rain check"])
async def test_a_second_reason_is_added_whole_whatever_the_first_was(
    parts: Bench, first: str
) -> None:
    arming = Arming(parts.context, parts.heard)
    await arming.disarm(ArmingScope.FLEET, why=first, actor="ann")
    for why in ("rain", "y" * 500, "z" * 500, "w" * 500):
        await arming.disarm(ArmingScope.FLEET, why=why, actor="bert")
        said = parts.context.fleet.disarmed
        assert said is not None
        assert said.why.endswith(f"; bert: {why}")
        assert len(said.why) <= 2000


async def test_a_host_is_named_by_its_name_or_its_id(parts: Bench) -> None:
    host = await parts.host()
    await Arming(parts.context, parts.heard).disarm(ArmingScope.HOST, host.id, why="", actor="ann")
    assert (await disarmed(parts))[ArmingScope.HOST] is not None


@pytest.mark.parametrize("scope", [ArmingScope.CLUSTER, ArmingScope.HOST])
async def test_what_is_not_there_is_not_disarmed(parts: Bench, scope: ArmingScope) -> None:
    with pytest.raises(NotFound):
        await Arming(parts.context, parts.heard).disarm(scope, "beta", why="", actor="ann")


async def test_a_reason_is_bounded(parts: Bench) -> None:
    await Arming(parts.context, parts.heard).disarm(
        ArmingScope.FLEET, why="a\n" * 5_000, actor="ann"
    )
    said = parts.context.fleet.disarmed
    assert said is not None
    assert len(said.why) <= 500
    assert "\n" not in (await parts.journal())[-1].what


async def test_the_agents_there_are_told_and_no_others(parts: Bench) -> None:
    alpha = await parts.host("alpha")
    elsewhere = await parts.estate.add_cluster("elsewhere", actor="ann")
    other = await parts.estate.add_host(
        name="beta", profile=LocalProfile(), cluster=elsewhere, actor="ann"
    )
    arming = Arming(parts.context, parts.heard)
    parts.heard.settings.clear()
    await arming.disarm(ArmingScope.CLUSTER, "default", why="", actor="ann")
    assert parts.heard.settings == [alpha.id]
    await arming.disarm(ArmingScope.HOST, "beta", why="", actor="ann")
    assert parts.heard.settings == [alpha.id, other.id]
    concerned: list[bool] = []
    parts.context.agents_concerned = lambda: concerned.append(True)
    await arming.disarm(ArmingScope.FLEET, why="", actor="ann")
    assert concerned == [True], "every agent"


@pytest.mark.parametrize(("scope", "name"), SCOPES)
async def test_an_agent_is_told_whether_automation_is_armed_where_it_is(
    parts: Bench, scope: ArmingScope, name: str
) -> None:
    host = await fresh(parts)
    arming = Arming(parts.context, parts.heard)
    async with talking(parts, host) as agent:
        assert (await agent.greet()).settings.automatic
        await arming.disarm(scope, name, why="", actor="ann")
        agent.session.teller.settings_changed()
        told = (await agent.hear(Configure)).settings
        assert (told.automatic, told.quarantined) == (False, False)
        await arming.arm(scope, name, actor="ann")
        agent.session.teller.settings_changed()
        assert (await agent.hear(Configure)).settings.automatic


async def test_an_agent_is_told_of_the_quarantine(parts: Bench) -> None:
    host, fleet = await fresh(parts), parts.context.fleet
    quarantine = Quarantine(since=1.0, evidence=(), highest=1)
    parts.context.fleet = msgspec.structs.replace(fleet, quarantine=quarantine)
    async with talking(parts, host) as agent:
        told = (await agent.greet()).settings
    assert (told.automatic, told.quarantined) == (True, True)
