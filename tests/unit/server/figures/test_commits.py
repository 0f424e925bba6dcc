"""What is counted is what was written: acts, answers, ends, entries, posts."""

from itertools import pairwise

import pytest

from tests.servers import RUNNING, Bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import CommandOutcome, DesiredState, PowerState, VmPhase
from vmuster.model.webhooks import Webhook
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.metric import Metric

pytestmark = pytest.mark.anyio


def told(parts: Bench, metric: Metric, *labels: str) -> float:
    return parts.context.figures.sums(metric, ()).get(labels, 0.0)


async def entry(parts: Bench, kind: EntryKind, rule: str = "") -> None:
    written = JournalEntry(at=1.0, kind=kind, actor="a", what="it", rule=rule)
    assert await parts.store.commit([Changes(entries=(written,))]) == [""]


async def drifted(parts: Bench) -> Host:
    """A host on which a VM of ours runs that should be stopped, before the look that stops it."""
    await parts.policy(drift="enforce")
    host = await parts.host()
    await parts.adopted(host, vm(1))
    stopped = {"phase": VmPhase.STOPPED, "power": PowerState.STOPPED}
    await parts.change(await parts.record(vm(1)), desired=DesiredState.STOPPED, **stopped)
    return host


async def test_a_request_is_counted_when_it_is_sent_and_when_it_has_ended(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), power=RUNNING))
    await parts.adopt(vm(1))
    assert told(parts, of.COMMANDS, "mark_vm", "person") == 1
    assert told(parts, of.OPERATIONS, "adopt", "person", "done") == 0
    parts.clock.pass_by(40)
    await parts.report(host, seen(vm(1), power=RUNNING, mark=parts.mark(vm(1))))
    assert told(parts, of.OPERATIONS, "adopt", "person", "done") == 1
    assert told(parts, of.OPERATIONS, "adopt", "automatic", "done") == 0
    (lasted,) = [
        each.total
        for labels, each in parts.context.figures.histograms(of.OPERATION_SECONDS).items()
        if labels == ("adopt",)
    ]
    assert lasted == 40


async def test_an_automatic_act_is_counted_for_its_cluster(parts: Bench) -> None:
    host = await drifted(parts)
    await parts.report(host, *await parts.shown(host))
    assert told(parts, of.COMMANDS, "stop_vm", "automatic") == 1
    assert told(parts, of.COMMANDS, "stop_vm", "person") == 0
    assert told(parts, of.AUTOMATIC_ACTS, "default", "stop") == 1


@pytest.mark.parametrize(
    ("outcome", "unknown", "counted"),
    [
        (CommandOutcome.DONE, False, "done"),
        (CommandOutcome.REFUSED, False, "refused"),
        (CommandOutcome.FAILED, False, "failed"),
        (CommandOutcome.FAILED, True, "unknown"),
    ],
)
async def test_an_answer_is_counted_once(
    parts: Bench, outcome: CommandOutcome, unknown: bool, counted: str
) -> None:
    host = await drifted(parts)
    await parts.report(host, *await parts.shown(host))
    sent = (await parts.sent(vm(1)))[-1]
    await parts.answer(sent.id, host, outcome, unknown=unknown)
    await parts.answer(sent.id, host, CommandOutcome.DONE)
    answers = parts.context.figures.sums(of.ANSWERS, ())
    assert {labels: n for labels, n in answers.items() if n} == {("stop_vm", counted): 1}


async def test_entries_are_counted_by_kind_and_conclusions_by_rule(parts: Bench) -> None:
    before = told(parts, of.ENTRIES, "alert")
    await entry(parts, EntryKind.ALERT, "too-many-stops")
    await entry(parts, EntryKind.ALERT)
    await entry(parts, EntryKind.DECISION, "missing")
    await entry(parts, EntryKind.COMMAND, "started-outside")
    assert told(parts, of.ENTRIES, "alert") == before + 2
    assert told(parts, of.ENTRIES, "decision") == 1
    assert told(parts, of.ALERTS, "too-many-stops") == 1
    assert told(parts, of.ALERTS, "none") == 1
    assert told(parts, of.DECISIONS, "missing") == 1
    assert told(parts, of.DECISIONS, "too-many-stops") == 1
    assert told(parts, of.DECISIONS, "started-outside") == 0, "it is counted as a command"


async def test_posts_that_failed_are_counted(parts: Bench) -> None:
    def hook(failures: int, version: int = 0) -> Webhook:
        kinds = (EntryKind.ALERT,)
        return Webhook(
            name="a", url="b", sealed=b"c", kinds=kinds, created_at=1.0, failures=failures,
            version=version,
        )  # fmt: skip

    rows = (None, hook(0, 1), hook(2, 2), hook(0, 3), hook(1, 4))
    for before, after in pairwise(rows):
        assert await parts.store.commit([Changes(writes=(Write(before=before, after=after),))]) == [
            ""
        ]
    assert told(parts, of.WEBHOOK_FAILURES) == 3
