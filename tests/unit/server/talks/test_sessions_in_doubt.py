"""A conversation in doubt: another host's greeting, mere signs of life, a clock that was set."""

from uuid import UUID

import msgspec
import pytest

from tests.agents import FACTS, fresh, talking, troubled
from tests.parts import OTHER
from tests.servers import Bench, seen, vm
from vmuster.model.ids import HostUuid
from vmuster.model.journal import EntryKind
from vmuster.model.messages import Heartbeat, Hello, Orders, Reported, Trouble, Welcome
from vmuster.model.plan import LookWish
from vmuster.model.policy import WINDOW_SECONDS
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, HostHealth
from vmuster.model.vm import Sighting
from vmuster.ports.link import LinkClosed

pytestmark = pytest.mark.anyio


async def test_two_records_are_never_one_host(parts: Bench) -> None:
    first, second = await fresh(parts, "alpha"), await fresh(parts, "beta")
    async with talking(parts, first) as agent:
        await agent.greet()
    async with talking(parts, second) as agent:
        await agent.say(Hello(host=second.id, facts=FACTS))
        now = await troubled(parts, second)
        assert "already known as alpha" in now.trouble
        assert await agent.silence()
    assert (now.epoch, now.uuid) == (0, None)


async def test_a_host_whose_uuid_changed_is_refused(parts: Bench) -> None:
    host = await fresh(parts)
    other = msgspec.structs.replace(FACTS, uuid=HostUuid(UUID(int=71)))
    async with talking(parts, host) as agent:
        await agent.greet()
    async with talking(parts, host) as agent:
        await agent.say(Hello(host=host.id, facts=other))
        now = await troubled(parts, host)
        assert "refused until a person" in now.trouble
        assert f"vmuster host accept alpha --uuid {other.uuid}" in now.trouble
        assert await agent.silence()
    assert (now.epoch, now.uuid, now.claims) == (1, FACTS.uuid, other.uuid)


async def test_of_a_refused_host_nothing_more_is_heard_and_it_is_told_nothing(parts: Bench) -> None:
    """Another host answers at the same address, in the middle of a conversation."""
    host = await fresh(parts)
    other = msgspec.structs.replace(FACTS, uuid=HostUuid(UUID(int=71)))
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.report(1, 1, seen(vm(1)))
        await parts.requests.adopt(vm(1), actor="ann")
        await agent.say(Hello(host=host.id, facts=other))
        await troubled(parts, host)
        agent.session.teller.outbox_changed()
        agent.session.teller.settings_changed()
        agent.session.teller.ask(LookWish(host=host.id))
        report = HostReport(
            host=host.id,
            epoch=1,
            sequence=2,
            boot_id="b",
            completeness=Completeness.COMPLETE,
            vms=(seen(vm(2)),),
        )
        await agent.say(Reported(report=report))
        assert await agent.silence()
        assert (await parts.now(host)).sequence == 1
        welcome = await agent.greet()
        assert welcome.epoch == 2, "its own host answers again"
        assert (await agent.hear(Orders)).commands[0].vm == vm(1)
    assert (await parts.now(host)).claims is None


@pytest.mark.parametrize("again", [False, True], ids=["it beats", "it greets again"])
async def test_a_refused_conversation_ends_in_a_while_so_that_another_begins(
    parts: Bench, again: bool
) -> None:
    """Greeting again does not put it off."""
    host = await fresh(parts)
    other = msgspec.structs.replace(FACTS, uuid=HostUuid(UUID(int=71)))
    beat = Heartbeat(host=host.id, answers=True)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.say(Hello(host=host.id, facts=other))
        await troubled(parts, host)
        parts.clock.pass_by(29)
        await agent.say(Hello(host=host.id, facts=other) if again else beat)
        assert await agent.silence()
        parts.clock.pass_by(1)
        await agent.say(beat)
        with pytest.raises(LinkClosed):
            await agent.hear(Welcome)


async def test_a_conversation_is_over_once_the_host_was_greeted_elsewhere(parts: Bench) -> None:
    """A second server was there for a while: nothing that is said here is admitted ever again."""
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.greet()
        late = await agent.report(1, 7, seen(vm(1)))
        assert late.epoch == 1, "a late word of before, in a conversation that goes on"
        await agent.report(2, 1, seen(vm(1)))
        await parts.change(await parts.now(host), epoch=3)
        with pytest.raises(LinkClosed):
            await agent.report(2, 2, seen(vm(1)))


async def test_heartbeats_are_felt_and_not_written_down(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.report(1, 1, seen(vm(1)))
        before = await parts.now(host)
        parts.clock.pass_by(50)
        await agent.say(Heartbeat(host=host.id, answers=False, alive=True, why="hung\x1b"))
        await agent.report(1, 1)  # stale: only a sign that the heartbeat was heard
        signs = parts.context.pulses.signs(host.id)
    assert (signs.heard, signs.answered, signs.alive, signs.reported) == (0, 50, 0, 50)
    assert signs.why == "hung\\x1b"
    assert await parts.now(host) == before


async def test_each_thing_that_an_agent_says_is_a_sign_of_its_own(parts: Bench) -> None:
    host = await fresh(parts)
    pulses = parts.context.pulses
    pulses.signs(host.id)
    async with talking(parts, host) as agent:
        parts.clock.pass_by(10)
        await agent.greet()
        signs = pulses.signs(host.id)
        assert (signs.heard, signs.answered, signs.reported) == (0, 0, 10)
        await agent.say(Trouble(host=host.id, what="no route\x1b"))
        await troubled(parts, host)
        assert pulses.signs(host.id).why == "no route\\x1b"
        parts.clock.pass_by(10)
        await agent.report(1, 1, seen(vm(1)))
        signs = pulses.signs(host.id)
        assert (signs.heard, signs.answered, signs.reported, signs.why) == (0, 10, 0, "")


async def test_a_heartbeat_of_another_host_is_no_sign(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.say(Heartbeat(host=OTHER, answers=True))
        assert (await troubled(parts, host)).trouble == "the agent spoke of another host"


@pytest.mark.parametrize("jump", [86_400, -86_400])
async def test_no_report_is_refused_or_taken_because_a_clock_was_set(
    parts: Bench, jump: float
) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.report(1, 1, seen(vm(1)))
        parts.clock.set_by(jump)
        await agent.report(1, 1, seen(vm(2)))
        assert await parts.store.get(Sighting, host.id, vm(2)) is None, "an old one stays old"
        await agent.report(1, 2, seen(vm(1)), seen(vm(3)))
    assert (await parts.now(host)).sequence == 2
    assert (await parts.now(host)).health is HostHealth.UP
    assert (await parts.sighting(host, vm(3))).name == "vm-3"
    alerts = [e.what for e in await parts.journal() if e.kind is EntryKind.ALERT]
    assert len(alerts) == 1
    assert "clock" in alerts[0]
    assert parts.context.quiet.left(300) == WINDOW_SECONDS


async def test_an_empty_account_is_no_whole_one(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        whole = [parts.context.pulses.whole(host.id)]
        for sequence, shown in enumerate(((), (seen(vm(1)),)), 1):
            await agent.report(1, sequence, *shown)
            whole.append(parts.context.pulses.whole(host.id))
    assert whole == [False, False, True]
