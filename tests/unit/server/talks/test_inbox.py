"""What an agent has said and nobody has taken in: in its order, bounded, and what is superseded."""

import asyncio

import msgspec
import pytest

from tests.clocks import HandClock
from tests.parts import HOST, OTHER, VM
from vmuster.links.in_process import in_process_link
from vmuster.model.messages import Delivered, Heard, Heartbeat, Reported, Trouble
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness
from vmuster.model.wire import BadMessage, encode
from vmuster.ports.link import LinkClosed
from vmuster.server.talks import inbox as module
from vmuster.server.talks.inbox import Inbox
from vmuster.server.talks.pace import Pace, Shares

pytestmark = pytest.mark.anyio

REPORT = HostReport(
    host=HOST, epoch=3, sequence=7, boot_id="b", completeness=Completeness.COMPLETE, vms=()
)


class Talk:
    """An inbox, and the agent's end of its link."""

    def __init__(self) -> None:
        link, self.agent = in_process_link()
        clock = HandClock()
        self.pace = Pace(Shares(), clock)
        self.inbox = Inbox(link, self.pace)

    async def said(self, *reports: HostReport) -> Delivered:
        """Some reports come in; the first of them is taken."""
        for report in reports:
            await self.agent.send(encode(Reported(report=report)))
        return await self.report()

    async def report(self) -> Delivered:
        taken = await self.next()
        assert isinstance(taken, Delivered)
        return taken

    async def next(self) -> Heard | BadMessage:
        async with asyncio.timeout(5):
            return await self.inbox.next()


@pytest.fixture
async def talk() -> Talk:
    return Talk()


def later(sequence: int = 8, **how: object) -> HostReport:
    return msgspec.structs.replace(REPORT, sequence=sequence, **how)


async def test_the_last_whole_account_that_is_here_supersedes_those_before_it(talk: Talk) -> None:
    first = await talk.said(REPORT, later(8), later(9))
    assert talk.inbox.superseded(first)
    assert talk.inbox.superseded(await talk.report())
    assert not talk.inbox.superseded(await talk.report())


async def test_what_comes_later_is_found_by_the_next_question(talk: Talk) -> None:
    first = await talk.said(REPORT)
    assert not talk.inbox.superseded(first)
    await talk.agent.send(encode(Reported(report=later())))
    assert talk.inbox.superseded(first)


@pytest.mark.parametrize(
    "other",
    [
        later(completeness=Completeness.PARTIAL),
        later(epoch=4),
        later(epoch=2),
        later(host=OTHER),
        later(6),
        later(7),
    ],
    ids=["partial", "next epoch", "epoch before", "another host", "before", "itself"],
)
async def test_no_other_report_does(talk: Talk, other: HostReport) -> None:
    assert not talk.inbox.superseded(await talk.said(REPORT, other))


async def test_what_is_no_account_supersedes_nothing(talk: Talk) -> None:
    stamp = encode(Reported(report=later())).split(b"\n")[0]
    await talk.agent.send(encode(Reported(report=REPORT)))
    await talk.agent.send(stamp + b"\n[")
    assert not talk.inbox.superseded(await talk.report())


async def test_a_partial_report_is_never_superseded(talk: Talk) -> None:
    partial = msgspec.structs.replace(REPORT, completeness=Completeness.PARTIAL)
    assert not talk.inbox.superseded(await talk.said(partial, later()))


@pytest.mark.parametrize("told", ["absent", "held"])
async def test_what_tells_of_a_vm_that_is_not_listed_is_never_superseded(
    talk: Talk, told: str
) -> None:
    """An agent says once that a VM is gone for certain, and its next account names it no more."""
    assert not talk.inbox.superseded(await talk.said(later(7, **{told: (VM,)}), later()))


async def test_who_always_has_more_to_say_is_judged_all_the_same(talk: Talk) -> None:
    """What superseded another is not superseded itself, however soon the next one comes."""
    taken = await talk.said(REPORT, later(8), later(9))
    passed_over: list[bool] = []
    for number in range(10, 20):
        passed_over.append(talk.inbox.superseded(taken))
        await talk.agent.send(encode(Reported(report=later(number))))
        taken = await talk.report()
    assert passed_over == [True, True, False] * 3 + [True]


async def test_an_older_one_that_was_overtaken_is_superseded_still(talk: Talk) -> None:
    taken = await talk.said(REPORT, later(9))
    assert talk.inbox.superseded(taken)
    assert not talk.inbox.superseded(await talk.report())
    assert talk.inbox.superseded(await talk.said(later(8)))


async def test_everything_is_taken_in_its_order_however_far_one_looked_ahead(talk: Talk) -> None:
    first = await talk.said(REPORT)
    beat, trouble = Heartbeat(host=HOST, answers=True), Trouble(host=HOST, what="it hangs")
    for message in (beat, Reported(report=later()), trouble):
        await talk.agent.send(encode(message))
    await talk.agent.send(b"?")
    await talk.agent.send(encode(beat))
    assert talk.inbox.superseded(first)
    assert await talk.next() == beat
    assert (await talk.report()).stamp == later().stamp
    assert await talk.next() == trouble
    assert isinstance(await talk.next(), BadMessage)
    assert await talk.next() == beat


@pytest.mark.parametrize("bound", ["_AHEAD_MAX", "_AHEAD_BYTES_MAX"])
async def test_one_looks_ahead_only_so_far(
    talk: Talk, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await talk.said(REPORT, *(later(8, completeness=Completeness.PARTIAL),) * 2, later(9))
    monkeypatch.setattr(module, bound, 2)
    assert not talk.inbox.superseded(first)
    monkeypatch.undo()
    assert talk.inbox.superseded(first)


@pytest.mark.parametrize("ahead", [False, True])
async def test_what_is_read_counts_when_it_is_read(talk: Talk, ahead: bool) -> None:
    first = await talk.said(REPORT)
    await talk.agent.send(b"?" * 3_000_000)
    assert talk.pace.wait_seconds() == 0
    if ahead:
        talk.inbox.superseded(first)
    else:
        assert isinstance(await talk.next(), BadMessage)
    assert talk.pace.wait_seconds() > 0


async def test_who_is_sent_much_lets_others_run(talk: Talk) -> None:
    first = await talk.said(*(later(number) for number in range(1, 50)))
    talk.inbox.superseded(first)
    others: list[int] = []

    async def run() -> None:
        while True:
            others.append(len(others))
            await asyncio.sleep(0)

    running = asyncio.create_task(run())
    for _ in range(40):
        await talk.report()
    running.cancel()
    assert len(others) >= 39


async def test_the_end_of_a_link_is_the_end_of_what_it_brings(talk: Talk) -> None:
    await talk.said(REPORT)
    talk.agent.close()
    with pytest.raises(LinkClosed):
        await talk.next()
