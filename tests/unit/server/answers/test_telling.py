"""The story of any one thing, in the very words."""

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.errors import NotFound
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.report import HostReport
from vmuster.model.states import (
    CommandOutcome,
    Completeness,
    HostHealth,
    OperationKind,
    PowerReason,
)
from vmuster.server.answers.story import About, Story
from vmuster.server.answers.telling import told
from vmuster.server.passes.intake import take_in
from vmuster.server.requests.holds import Holds
from vmuster.server.requests.removal import Removal

pytestmark = pytest.mark.anyio


async def story(parts: Bench, reference: object) -> Story:
    return await told(parts.store, parts.clock.now(), str(reference), limit=100)


def three(of: Story) -> tuple[str, str, str]:
    """What, why, and by which proof."""
    return of.what.what, of.why.what, of.proof.what


async def entry(parts: Bench, kind: EntryKind) -> int:
    """The newest entry of a kind."""
    return max(each.id for each in await parts.journal() if each.kind is kind)


async def web(parts: Bench) -> Host:
    """web-01 on host alpha, adopted and running."""
    host = await parts.host()
    await parts.report(host, seen(vm(1), "web-01"))
    await parts.adopt(vm(1))
    await parts.report(host, seen(vm(1), "web-01", mark=parts.mark(vm(1))))
    return host


async def stop(
    parts: Bench, outcome: CommandOutcome = CommandOutcome.DONE, unknown: bool = False
) -> tuple[Host, Operation]:
    """web-01, which bert asks to be stopped by force; its host answers so."""
    host = await web(parts)
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="bert", force=True)
    await parts.report(host, *(await parts.shown(host)))
    await parts.answer((await parts.sent(vm(1)))[-1].id, host, outcome, unknown=unknown)
    return host, asked


OURS = "our record of it and our signed mark on it agree"
REFUSED = "alpha refused, and did not touch it: said so"


async def test_an_operation_that_was_done(parts: Bench) -> None:
    host, asked = await stop(parts)
    off = seen(vm(1), "web-01", power=STOPPED, reason=PowerReason.HAND, mark=parts.mark(vm(1)))
    await parts.report(host, off)
    of = await story(parts, asked.id)
    assert (of.about, of.name, of.vm) == (About.OPERATION, "web-01", vm(1))
    assert three(of) == (
        "bert asked to stop web-01 by force, on alpha: done",
        "bert asked for it, and the proof held",
        OURS,
    )
    (chapter,) = of.chapters
    assert [link.kind.value for link in chapter.links] == [
        *("report", "standing", "rule", "proof", "command", "result", "ended"),
    ]
    assert chapter.links[0].what == "alpha showed it, in report 3 of connection 1"
    assert chapter.links[1].rule == "standing-6"


async def test_an_operation_that_was_refused(parts: Bench) -> None:
    _, asked = await stop(parts, CommandOutcome.REFUSED)
    assert three(await story(parts, asked.id)) == (
        "bert asked to stop web-01 by force, on alpha: not done",
        REFUSED,
        OURS,
    )


async def test_an_operation_that_waits(parts: Bench) -> None:
    await web(parts)
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="bert")
    assert three(await story(parts, asked.id)) == (
        "bert asked to stop web-01, on alpha: it waits",
        "it waits for the next look at its host",
        "none: no command was sent that would need one",
    )


async def test_an_operation_whose_outcome_nobody_knows(parts: Bench) -> None:
    _, asked = await stop(parts, CommandOutcome.FAILED, unknown=True)
    links = (await story(parts, asked.id)).chapters[0].links
    result = next(link for link in links if link.kind.value == "result")
    assert result.what == "nobody knows whether it was done: said so"


async def test_a_command(parts: Bench) -> None:
    await stop(parts, CommandOutcome.REFUSED)
    sent = (await parts.sent(vm(1)))[-1]
    of = await story(parts, sent.id)
    assert of.about is About.COMMAND
    assert three(of) == (f"web-01: alpha was told to end it by force; {REFUSED}", REFUSED, OURS)


@pytest.mark.parametrize(
    ("kind", "what", "why"),
    [
        (EntryKind.REQUEST, "bert asked to stop web-01 by force, on alpha: not done", REFUSED),
        (EntryKind.COMMAND, "web-01: alpha was told to end it by force", REFUSED),
        (EntryKind.RESULT, f"web-01: {REFUSED}", REFUSED),
        (
            EntryKind.DECISION,
            "web-01: it was seen running",
            "Two acts at once on one VM would each undo the other's proof.",
        ),
    ],
)
async def test_a_journal_entry(parts: Bench, kind: EntryKind, what: str, why: str) -> None:
    await stop(parts, CommandOutcome.REFUSED)
    of = await story(parts, await entry(parts, kind))
    assert (of.about, of.what.what, of.why.what) == (About.ENTRY, what, why)


async def test_an_entry_about_a_host_that_is_gone(parts: Bench) -> None:
    host = await parts.host()
    await parts.change(await parts.now(host), health=HostHealth.UNREACHABLE)
    removal = Removal(parts.context, parts.heard, parts.requests)
    await removal.remove(await parts.now(host), forget=False, actor="anna")
    of = await story(parts, await entry(parts, EntryKind.AUDIT))
    assert (of.name, of.vm) == ("alpha", None)
    assert three(of) == (
        "host alpha was removed from cluster default, by anna",
        "anna asked for it",
        "none: no command was sent that would need one",
    )


async def held(parts: Bench, vms: int = 1) -> Host:
    host = await parts.host()
    await parts.adopted(host, *(vm(number) for number in range(1, vms + 1)))
    await parts.policy(drift="enforce", starts_per_pass_max=0)
    off = [
        seen(vm(n), power=STOPPED, reason=PowerReason.GUEST, mark=parts.mark(vm(n)))
        for n in range(1, vms + 1)
    ]
    await parts.report(host, *off)
    return host


async def test_a_held_plan_before_and_after_it_was_rejected(parts: Bench) -> None:
    await held(parts)
    holds = Holds(parts.context, parts.heard)
    (plan,) = await holds.list_()
    before = await story(parts, plan.id)
    assert (before.about, before.why.rule, before.what.rule) == (
        *(About.PLAN, "starts-per-pass", "held"),
    )
    wanted = "vmuster wanted to start vm-1 on alpha by itself, and was held"
    assert before.what.what == f"{wanted}; nobody has decided about it yet"
    assert before.why.what == "1 automatic start in one pass; at most 0 are allowed"
    await holds.reject(plan.id, actor="anna")
    after = await story(parts, plan.id)
    assert after.what.what == f"{wanted}; anna rejected it"
    assert after.what.rule == "rejected"
    (act,) = after.chapters
    assert act.title == "start vm-1"
    assert [link.rule for link in act.links] == ["stopped-outside", "rejected"]


async def test_a_large_plan_names_the_first_of_its_acts(parts: Bench) -> None:
    await held(parts, 5)
    (plan,) = await Holds(parts.context, parts.heard).list_()
    assert "to start vm-1, start vm-2, start vm-3 and act on 2 more on alpha" in (
        (await story(parts, plan.id)).what.what
    )


async def test_a_plan_that_is_over_is_told_from_the_journal(parts: Bench) -> None:
    host = await held(parts)
    (plan,) = await Holds(parts.context, parts.heard).list_()
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    assert not await Holds(parts.context, parts.heard).list_()
    of = await story(parts, plan.id)
    assert of.what.what.endswith("it is over: its acts were done, or were asked for no longer")
    assert of.why.rule == "starts-per-pass"
    assert [chapter.title for chapter in of.chapters] == ["start vm-1"]


async def test_an_operation_whose_host_fell_silent(parts: Bench) -> None:
    from vmuster.server.watch.sweep import Sweep

    host = await web(parts)
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="bert")
    await parts.change(await parts.now(host), well_since=None)
    parts.clock.pass_by(10_000)
    await Sweep(parts.context, parts.heard).once()
    of = await story(parts, asked.id)
    assert of.what.what == "bert asked to stop web-01, on alpha: not done"
    assert of.why.what == "not begun: its host gave no account of it before the deadline"
    assert of.why.rule == "overdue"


async def test_a_vm_is_told_by_its_uuid(parts: Bench) -> None:
    await web(parts)
    assert (await story(parts, vm(1))).about is About.VM


async def test_what_nobody_knows_is_not_told(parts: Bench) -> None:
    with pytest.raises(NotFound):
        await story(parts, "00000000-0000-0000-0000-00000000abcd")


async def test_an_act_is_told_with_what_was_concluded_until_it_was_begun(parts: Bench) -> None:
    """Also where that was concluded after it was asked for, and is no part of it."""
    host = await web(parts)
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="bert")
    parts.clock.pass_by(1)
    now = await parts.now(host)
    began_before = HostReport(
        host=host.id,
        epoch=now.epoch,
        sequence=now.sequence + 1,
        boot_id="boot-1",
        completeness=Completeness.PARTIAL,
        vms=tuple(await parts.shown(host)),
        asked_after=asked.intake - 1,
    )
    assert await take_in(parts.context, parts.heard, began_before) == ""
    parts.clock.pass_by(1)
    await parts.report(host, *(await parts.shown(host)))
    whole = await story(parts, vm(1))
    told_of = (await story(parts, asked.id)).chapters[0]
    assert [link.at for link in told_of.links] == [link.at for link in whole.chapters[0].links]
