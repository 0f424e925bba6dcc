"""Why a VM was stopped: the newest end in the journal counts, and nothing before a start."""

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.commands import GUEST_WAS_ASKED
from vmuster.model.host import Host
from vmuster.model.states import CommandOutcome, OperationKind, PowerReason
from vmuster.server.answers.endings import has_ended, why_ended
from vmuster.server.answers.remembering import past_of
from vmuster.server.answers.story import Link
from vmuster.server.answers.views import explanation
from vmuster.server.requests.quarantine import leave

pytestmark = pytest.mark.anyio
NOT_OURS = "not by vmuster: since it last ran, no command of ours could have stopped it"
DOUBT = "; nobody knows whether that is what stopped it"
DONE, FAILED, REFUSED = CommandOutcome.DONE, CommandOutcome.FAILED, CommandOutcome.REFUSED
START, STOP = OperationKind.START, OperationKind.STOP
GUEST, HAND = PowerReason.GUEST, PowerReason.HAND


async def show(parts: Bench, host: Host, reason: PowerReason | None = None) -> None:
    """Its host shows it stopped, for this reason; or running."""
    mark = parts.mark(vm(1))
    off = seen(vm(1), power=STOPPED, reason=reason or PowerReason.UNKNOWN, mark=mark)
    await parts.report(host, seen(vm(1), mark=mark) if reason is None else off)


async def ours(parts: Bench) -> Host:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    return host


async def ask(
    parts: Bench,
    host: Host,
    kind: OperationKind,
    outcome: CommandOutcome | None = CommandOutcome.DONE,
    *,
    unknown: bool = False,
    message: str = "said so",
) -> None:
    """Bert asks for it, and the host answers so; or not at all."""
    await parts.requests.power(kind, vm(1), actor="bert")
    await parts.report(host, *(await parts.shown(host)))
    sent = (await parts.sent(vm(1)))[-1].id
    if outcome is not None:
        await parts.answer(sent, host, outcome, unknown=unknown, message=message)


async def stopped_by_bert(parts: Bench) -> Host:
    host = await ours(parts)
    await ask(parts, host, STOP)
    await show(parts, host, GUEST)
    return host


async def why(parts: Bench) -> list[Link]:
    known = await explanation(parts.store, parts.clock.now(), vm(1), limit=100)
    assert has_ended(known.vms)
    return list(why_ended(await past_of(parts.store, known), known.vms))


async def test_the_last_end_counts(parts: Bench) -> None:
    """We stopped it, it was started, and then somebody else stopped it: that is the answer."""
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await ask(parts, host, OperationKind.STOP)
    await show(parts, host, PowerReason.GUEST)
    assert (await why(parts))[0].what == "bert asked to stop it"
    await ask(parts, host, OperationKind.START)
    await show(parts, host)
    await show(parts, host, PowerReason.HAND)
    assert (await why(parts))[0].what == NOT_OURS


async def test_a_stop_before_a_start_by_hand_is_no_answer(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await ask(parts, host, OperationKind.STOP)
    await show(parts, host, PowerReason.GUEST)
    await show(parts, host)
    await show(parts, host, PowerReason.UNKNOWN)
    answer, *_ = await why(parts)
    assert answer.what.startswith("not by vmuster")


async def test_what_the_hypervisor_says_otherwise_is_told(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await ask(parts, host, OperationKind.STOP)
    await show(parts, host, PowerReason.GUEST)
    assert "reason" not in [link.kind.value for link in await why(parts)]
    await show(parts, host, PowerReason.SAVED)
    assert (await why(parts))[-1].what.startswith("alpha says: its memory was saved to disk")


async def test_what_runs_has_not_ended(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    assert not has_ended((await explanation(parts.store, 1.0, vm(1), limit=1)).vms)


@pytest.mark.parametrize(
    ("outcome", "unknown", "doubt"),
    [(None, False, ""), (REFUSED, False, ""), (FAILED, False, ""), (FAILED, True, DOUBT)],
)
async def test_a_start_that_came_to_nothing_hides_no_stop(
    parts: Bench, outcome: CommandOutcome | None, unknown: bool, doubt: str
) -> None:
    """What is asked for has changed, so that the records say "stopped outside"; it never ran."""
    host = await stopped_by_bert(parts)
    await ask(parts, host, START, outcome, unknown=unknown)
    parts.clock.pass_by(0.0 if outcome is None else 1000.0)
    await show(parts, host, GUEST)
    assert (await why(parts))[0].what == f"bert asked to stop it{doubt}"


async def test_a_stop_and_what_is_missing_since_are_both_told(parts: Bench) -> None:
    host = await ours(parts)
    await ask(parts, host, STOP)
    for _ in range(4):
        await parts.report(host, seen(vm(2)), absent=(vm(1),))
    assert (await why(parts))[0].what == (
        "bert asked to stop it; since then its hypervisor says that there is no such VM, and no"
        " process holds it"
    )


@pytest.mark.parametrize(
    ("outcome", "unknown", "message", "after", "answer"),
    [
        (FAILED, True, "gave up", 1000.0, f"bert asked to stop it{DOUBT}"),
        (FAILED, True, "gave up", 9000.0, NOT_OURS),
        (REFUSED, False, GUEST_WAS_ASKED, 1000.0, f"bert asked to stop it{DOUBT}"),
        (REFUSED, False, "no", 1000.0, NOT_OURS),
        (DONE, False, "done", 1000.0, NOT_OURS),
    ],
)
async def test_a_guest_may_obey_late(
    parts: Bench, outcome: CommandOutcome, unknown: bool, message: str, after: float, answer: str
) -> None:
    """It ran on after the stop. Only what nobody knows the end of may still have stopped it; what
    was done ended another run."""
    host = await ours(parts)
    await ask(parts, host, STOP, outcome, unknown=unknown, message=message)
    parts.clock.pass_by(after)
    await show(parts, host)
    await show(parts, host)
    await show(parts, host, GUEST)
    assert (await why(parts))[0].what == answer


async def test_another_stop_while_nobody_noted_it_is_not_said_to_be_ours(parts: Bench) -> None:
    """Its mark was gone: nobody notes when such a VM runs, but its hypervisor says who ended it."""
    host = await stopped_by_bert(parts)
    await parts.report(host, seen(vm(1)))
    await parts.report(host, seen(vm(1), power=STOPPED, reason=GUEST))
    assert (await why(parts))[0].what == f"bert asked to stop it{DOUBT}"
    await parts.report(host, seen(vm(1), power=STOPPED, reason=HAND))
    assert (await why(parts))[0].what == (
        "bert asked to stop it; but alpha says: somebody stopped it through the hypervisor"
    )


async def test_what_an_older_database_forgot_is_not_denied(parts: Bench) -> None:
    host = await ours(parts)
    newer = seen(vm(7), mark=parts.mark(vm(7), 10**9))
    await parts.report(host, newer, *(await parts.shown(host)))
    await show(parts, host, GUEST)
    assert (await why(parts))[0].what.startswith("not known: our database is older than its hosts")
    parts.clock.pass_by(1.0)
    await leave(parts.context, parts.heard, actor="anna")
    assert (await why(parts))[0].what.startswith("not known")


async def test_what_ended_after_a_quarantine_is_known_again(parts: Bench) -> None:
    host = await ours(parts)
    newer = seen(vm(7), mark=parts.mark(vm(7), 10**9))
    await parts.report(host, newer, *(await parts.shown(host)))
    await leave(parts.context, parts.heard, actor="anna")
    parts.clock.pass_by(1.0)
    await show(parts, host, GUEST)
    assert (await why(parts))[0].what == NOT_OURS
