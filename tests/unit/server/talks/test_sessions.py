"""One conversation, with the test in the agent's place."""

from collections.abc import Sequence

import msgspec
import pytest
from structlog.testing import capture_logs

from tests.agents import FACTS, fresh, talking, troubled
from tests.parts import OTHER
from tests.servers import Bench, bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind
from vmuster.model.messages import Look, Orders, Reported, Trouble
from vmuster.model.report import HostReport
from vmuster.model.states import CommandOutcome, Completeness, HostHealth, HostMode
from vmuster.model.vm import Sighting, VmObservation
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def test_each_greeting_gets_a_higher_epoch_and_the_settings(parts: Bench) -> None:
    host = await fresh(parts)
    for epoch in (1, 2, 3):
        async with talking(parts, host) as agent:
            welcome = await agent.greet()
        assert welcome.epoch == epoch
        now = await parts.now(host)
        assert (now.epoch, now.sequence, now.uuid, now.facts) == (epoch, 0, FACTS.uuid, FACTS)
    told = welcome.settings
    assert (told.host, told.fleet, told.mode) == (host.id, parts.context.fleet.id, host.mode)
    assert told.public_keys == parts.context.fleet.public_keys
    assert told.grants == ()


async def test_reports_are_acknowledged_and_taken_in(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        first = await agent.report(1, 1, seen(vm(1)))
        second = await agent.report(1, 2, seen(vm(1)))
        late = await agent.report(1, 1)
    assert (first.epoch, first.sequence) == (1, 1)
    assert second.intake > first.intake
    assert late.sequence == 1, "refused as stale, and acknowledged"
    now = await parts.now(host)
    assert (now.sequence, now.health, now.vms_seen) == (2, HostHealth.UP, 1)


async def test_before_its_greeting_an_agent_reports_in_vain(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.report(1, 1, seen(vm(1)))
    assert await parts.store.find(Sighting) == []


async def test_an_agent_speaks_of_its_own_host_only(parts: Bench) -> None:
    host = await fresh(parts)
    report = HostReport(
        host=OTHER,
        epoch=1,
        sequence=1,
        boot_id="b",
        completeness=Completeness.COMPLETE,
        vms=(seen(vm(1)),),
    )
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.say(Reported(report=report))
        assert (await troubled(parts, host)).trouble == "the agent spoke of another host"
        assert await agent.silence()
    assert await parts.store.find(Sighting) == []


async def test_a_bad_message_is_trouble_and_the_conversation_goes_on(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.report(1, 1, seen(vm(1)))
        await agent.say(b"1{not json")
        now = await troubled(parts, host)
        assert now.trouble.startswith("bad message")
        assert now.health is HostHealth.SUSPECT
        assert (await parts.sighting(host, vm(1))).name == "vm-1", "the old state is kept"
        await agent.report(1, 2, seen(vm(1)))
    after = await parts.now(host)
    assert (after.trouble, after.health) == ("", HostHealth.UP)


async def test_trouble_is_told_once_and_no_vm_is_concluded_on(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.report(1, 1, seen(vm(1)))
        before = await parts.sighting(host, vm(1))
        for _ in range(3):
            await agent.say(Trouble(host=host.id, what="no answer in time"))
        await agent.report(1, 1)
    said = [e for e in await parts.journal() if "no answer in time" in e.what]
    assert [e.kind for e in said] == [EntryKind.DECISION]
    assert await parts.sighting(host, vm(1)) == before


class Meddled(MemoryStore):
    """A store where somebody writes a host, once, just before."""

    victim: Host | None = None

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        victim, self.victim = self.victim, None
        if victim is not None:
            moved = msgspec.structs.replace(victim, mode=HostMode.CORDONED)
            await super().commit([Changes(writes=(Write(before=victim, after=moved),))])
        return await super().commit(changes)


async def test_trouble_outlives_a_write_in_between(anyio_backend: str) -> None:
    store = Meddled()
    parts = await bench(store)
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        store.victim = await parts.now(host)
        await agent.say(Trouble(host=host.id, what="no answer in time"))
        now = await troubled(parts, host)
    assert (now.trouble, now.mode) == ("no answer in time", HostMode.CORDONED)


async def test_the_words_of_an_agent_are_bounded_and_made_visible(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.say(Trouble(host=host.id, what="\x1b[2J\u202e" + "A" * 100_000))
        now = await troubled(parts, host)
    assert len(now.trouble) < 1_000
    assert now.trouble.isascii() or "…" in now.trouble
    assert "\x1b" not in now.trouble


async def test_an_answer_that_could_not_be_written_down_is_asked_for_again(
    anyio_backend: str,
) -> None:
    store = Failing()
    parts = await bench(store)
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        operation, orders = await agent.ordered(vm(1))
        store.failing = 1
        await agent.answer(orders)
        again = await agent.hear(Orders)
        assert [command.id for command in again.commands] == [operation.command]
        done = await agent.answer(again)
        await agent.report(1, 2, seen(vm(1)))
    assert (await parts.sent(vm(1)))[0].result == done


async def test_a_database_that_does_not_answer_ends_no_conversation(anyio_backend: str) -> None:
    store = Failing()
    parts = await bench(store)
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        store.failing = 1
        with capture_logs() as logs:
            await agent.say(Reported(report=_report(host, 1, 1, seen(vm(1)))))
            assert (await agent.hear(Look)).vms == (), "not acknowledged, and asked for again"
        words = [line["why"] for line in logs if line["event"] == "not taken in"]
        assert words == ["Unavailable('the database does not answer')"]
        assert (await agent.report(1, 2, seen(vm(1)))).sequence == 2
    assert (await parts.now(host)).epoch == 1


async def test_the_answer_that_needs_a_look_gets_it(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        operation, orders = await agent.ordered(vm(1))
        await agent.answer(orders, CommandOutcome.REFUSED)
        look = await agent.hear(Look)
        assert look.vms == (vm(1),)
        assert look.intake >= operation.intake


class Failing(MemoryStore):
    """A store that does not answer the next `failing` commits."""

    failing = 0

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if self.failing:
            self.failing -= 1
            raise Unavailable("the database does not answer")
        return await super().commit(changes)


def _report(host: Host, epoch: int, sequence: int, *vms: VmObservation) -> HostReport:
    return HostReport(
        host=host.id,
        epoch=epoch,
        sequence=sequence,
        boot_id="b",
        completeness=Completeness.COMPLETE,
        vms=vms,
    )


async def test_a_storm_of_greetings_is_one_in_a_second(parts: Bench) -> None:
    host = await fresh(parts)
    begun = parts.clock.monotonic()
    async with talking(parts, host) as agent:
        for _ in range(5):
            await agent.greet()
    assert parts.clock.monotonic() - begun == 4


async def test_the_words_of_an_answer_are_bounded_and_made_visible(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        adoption, orders = await agent.ordered(vm(1))
        await agent.answer(orders, CommandOutcome.REFUSED, "\x1b" + "x" * 10_000)
        await agent.hear(Look)
    said = (await parts.operation(adoption)).message
    assert said.startswith("refused: \\x1bxxx")
    assert len(said) < 600
