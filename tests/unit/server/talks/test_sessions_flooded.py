"""A conversation in which an agent says more than anybody needs to hear, or can."""

import pytest

from tests.agents import Agent, fresh, talking
from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.commands import CommandResult
from vmuster.model.host import Host
from vmuster.model.ids import CommandId
from vmuster.model.messages import Acknowledged, Answered, Orders, Reported, Trouble
from vmuster.model.report import HostReport
from vmuster.model.states import CommandOutcome, Completeness
from vmuster.model.vm import Sighting, VmObservation
from vmuster.server.figures.catalogue import PASSES
from vmuster.server.passes.hearing import Hearing

pytestmark = pytest.mark.anyio


def report(host: Host, sequence: int, *vms: VmObservation, partial: bool = False) -> Reported:
    return Reported(
        report=HostReport(
            host=host.id,
            epoch=1,
            sequence=sequence,
            boot_id="b",
            completeness=Completeness.PARTIAL if partial else Completeness.COMPLETE,
            vms=vms,
        )
    )


async def acknowledged(agent: Agent, *reports: Reported) -> list[Acknowledged]:
    """Say all of this before any of it is heard; what is acknowledged."""
    for each in reports:
        await agent.say(each)
    return [await agent.hear(Acknowledged) for _ in reports]


async def test_of_whole_accounts_the_last_is_judged_and_those_before_it_are_not(
    parts: Bench,
) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        said = [report(host, number, seen(vm(number))) for number in (1, 2, 3)]
        told = await acknowledged(agent, *said)
    assert [(each.sequence, each.superseded) for each in told] == [
        (1, True),
        (2, True),
        (3, False),
    ]
    shown = await parts.store.find(Sighting, host=host.id)
    assert [sighting.uuid for sighting in shown] == [vm(3)]
    assert parts.context.figures.sums(PASSES, ())[("superseded",)] == 2


async def test_what_is_not_whole_is_judged_in_its_order(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        told = await acknowledged(
            agent,
            report(host, 1, seen(vm(1))),
            report(host, 2, seen(vm(1), power=STOPPED), partial=True),
            report(host, 3, seen(vm(2)), partial=True),
            report(host, 4, seen(vm(3))),
            report(host, 5, seen(vm(4)), partial=True),
        )
    assert [each.superseded for each in told] == [True, False, False, False, False]
    shown = {seen.uuid: seen.absent for seen in await parts.store.find(Sighting, host=host.id)}
    assert [uuid for uuid, absent in shown.items() if not absent] == [vm(3), vm(4)]


async def test_what_is_known_is_taken_in_though_there_is_more(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        for number in range(1, 5):
            await agent.report(1, number, seen(vm(1)))
        told = await acknowledged(
            agent, *(report(host, number, seen(vm(1))) for number in range(5, 9))
        )
    assert [each.superseded for each in told] == [False] * 4
    assert (await parts.now(host)).sequence == 8


async def test_who_reports_too_often_is_told_when_it_may_again_and_is_heard_then(
    parts: Bench,
) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        begun = parts.clock.monotonic()
        some = (report(host, number, partial=True) for number in range(1, 101))
        told = await acknowledged(agent, *some)
        took = parts.clock.monotonic() - begun
    assert [each.retry_after for each in told[:5]] == [0] * 5
    assert all(0.05 < each.retry_after < 0.2 for each in told[20:])
    assert took == pytest.approx(9.5, abs=1.0)
    assert (await parts.now(host)).sequence == 100


@pytest.mark.parametrize("what", ["trouble", "nonsense", "answers to nothing"])
async def test_whatever_goes_through_the_database_is_heard_in_its_turn(
    parts: Bench, what: str
) -> None:
    host = await fresh(parts)
    unasked = CommandResult(
        command=CommandId(vm(1)), host=host.id, outcome=CommandOutcome.DONE, message="done"
    )
    said = {
        "trouble": Trouble(host=host.id, what="it hangs"),
        "nonsense": b"?",
        "answers to nothing": Answered(result=unasked),
    }
    async with talking(parts, host) as agent:
        await agent.greet()
        begun = parts.clock.monotonic()
        for _ in range(100):
            await agent.say(said[what])
        await agent.report(1, 1)
        assert parts.clock.monotonic() - begun > 8.0


async def test_what_was_asked_for_is_no_flood(parts: Bench) -> None:
    host = await fresh(parts)
    crowd = [seen(vm(number)) for number in range(1, 101)]
    async with talking(parts, host) as agent:
        await agent.greet()
        await agent.report(1, 1, *crowd)
        for one in crowd:
            await parts.requests.adopt(one.uuid, actor="ann")
        agent.session.teller.outbox_changed()
        orders = [command for _ in range(4) for command in (await agent.hear(Orders)).commands]
        begun = parts.clock.monotonic()
        for command in orders:
            done = CommandResult(
                command=command.id, host=host.id, outcome=CommandOutcome.DONE, message="done"
            )
            await agent.say(Answered(result=done))
        told = await agent.report(1, 2, *crowd)
        assert (len(orders), told.retry_after) == (100, 0)
        assert parts.clock.monotonic() - begun == 0


async def test_a_server_that_is_behind_says_so(
    parts: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behind_seconds(_: Hearing) -> float:
        return 7.5

    monkeypatch.setattr(Hearing, "behind_seconds", behind_seconds)
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        await agent.greet()
        assert (await agent.report(1, 1)).retry_after == 7.5
