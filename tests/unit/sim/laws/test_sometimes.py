"""Rare states are counted where they come up, and the catalogue names no state twice."""

from collections import Counter

import msgspec
import pytest

from tests.lawbench import SERVER, Bench, entry, start, stop
from tests.parts import HOST, OTHER, operation, record
from vmuster.model.commands import CommandResult, OutboxCommand
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.messages import Reported
from vmuster.model.states import (
    CommandOutcome,
    HostHealth,
    OperationKind,
    OperationState,
    VmPhase,
)
from vmuster.reconcile.rules import CATALOGUE as RULES
from vmuster.sim.laws import rare
from vmuster.sim.laws.ours import Ours
from vmuster.sim.laws.sometimes import (
    _TOO_RARE,  # pyright: ignore[reportPrivateUsage]
    REACHED,
    Sometimes,
)
from vmuster.sim.world.truth import Asked


def watched() -> tuple[Bench, Counter[str]]:
    bench = Bench(Ours)
    sometimes = Sometimes(bench.world)
    bench.world.chronicle.watchers[:] = [sometimes]
    bench.law.acted = sometimes.acted
    return bench, sometimes.counts


def said(**changes: object) -> JournalEntry:
    usual: dict[str, object] = {"kind": EntryKind.DECISION, "rule": "", "what": "it runs"}
    return entry(stop(), **(usual | changes))


def test_there_are_many_and_no_two_are_called_alike() -> None:
    assert len(rare.CATALOGUE) == len(set(rare.CATALOGUE)) >= 40
    assert set(REACHED) <= set(rare.CATALOGUE)
    assert set(rare.CATALOGUE) >= _TOO_RARE
    assert len(REACHED) >= 40


def test_the_rules_are_rules_of_the_shipped_code() -> None:
    assert [rule for rule in rare.BY_RULE if rule not in RULES] == []


@pytest.mark.parametrize("rule", rare.BY_RULE)
def test_a_rule_in_the_journal_is_counted(rule: str) -> None:
    bench, counts = watched()
    bench.write(entries=(said(), said(rule=rule)))
    assert counts == {rare.BY_RULE[rule]: 1}


@pytest.mark.parametrize("words", rare.BY_WORDS)
def test_words_in_the_journal_are_counted(words: str) -> None:
    bench, counts = watched()
    bench.write(entries=(said(what=f"host alpha: {words}, and so on"),))
    assert counts[rare.BY_WORDS[words]] == 1


@pytest.mark.parametrize("words", rare.REFUSALS)
def test_a_refusal_of_an_agent_is_counted_and_its_words_elsewhere_are_not(words: str) -> None:
    bench, counts = watched()
    refused = {"outcome": CommandOutcome.REFUSED, "unknown": False}
    what = f"stop_vm: refused: {words}"
    bench.write(entries=(said(kind=EntryKind.RESULT, evidence=refused, what=what),))
    assert counts[rare.REFUSALS[words]] == 1
    bench.write(entries=(said(what=what),))
    assert counts[rare.REFUSALS[words]] == 1


@pytest.mark.parametrize("change", rare.BY_HEALTH)
def test_a_change_of_health_is_counted(change: tuple[HostHealth, HostHealth]) -> None:
    bench, counts = watched()
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    for health in change:
        bench.write(msgspec.structs.replace(row, health=health))
    assert counts[rare.BY_HEALTH[change]] == 1


def test_a_flap_is_counted_once() -> None:
    bench, counts = watched()
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    for flaps in (1, 2, 3):
        bench.write(msgspec.structs.replace(row, flaps=flaps))
    assert counts[rare.FLAPPED] == 1


@pytest.mark.parametrize("end", rare.BY_END)
def test_an_end_of_an_operation_is_counted(end: tuple[OperationKind, OperationState]) -> None:
    bench, counts = watched()
    kind, state = end
    bench.write(operation(kind))
    bench.write(operation(kind, state=state))
    bench.write(operation(kind, state=state, message="still"))
    assert counts == {rare.BY_END[end]: 1}


@pytest.mark.parametrize(("unknown", "times"), [(True, 1), (False, 0)])
def test_an_unknown_outcome_is_counted(*, unknown: bool, times: int) -> None:
    bench, counts = watched()
    bench.order(stop())
    sent = bench.world.database.row(OutboxCommand, stop().id)
    assert sent is not None
    result = CommandResult(
        command=sent.id,
        host=sent.host,
        outcome=CommandOutcome.FAILED,
        message="",
        unknown=unknown,
    )
    bench.write(msgspec.structs.replace(sent, result=result))
    assert counts[rare.UNKNOWN] == times


@pytest.mark.parametrize("what", rare.BY_DEED)
def test_a_deed_is_counted(what: str) -> None:
    bench, counts = watched()
    bench.act(what, stop())
    assert counts == {rare.BY_DEED[what]: 1}


def test_what_is_done_by_itself_is_counted_and_a_copy_of_which_nobody_knew() -> None:
    bench, counts = watched()
    bench.act("shutdown", stop(automatic=True))
    bench.act("start", start(automatic=True), runs_on=(HOST,))
    bench.act("start", start(), runs_on=(OTHER,))
    assert counts == {rare.STOPPED: 1, rare.STARTED: 1, rare.UNKNOWABLE: 1}


def test_an_older_account_is_counted() -> None:
    bench, counts = watched()
    newer, older = bench.look(sequence=2), bench.look(sequence=1)
    bench.world.chronicle.heard(HOST, Reported(report=newer.report))
    bench.take(newer)
    assert counts[rare.STALE] == 0
    bench.world.chronicle.heard(HOST, Reported(report=older.report))
    assert counts[rare.STALE] == 1


def test_a_second_answer_to_one_request_is_counted() -> None:
    bench, counts = watched()
    asked = Asked(at=0.0, actor="ann", what="", operation=operation(OperationKind.STOP))
    bench.world.chronicle.asked(asked)
    assert counts[rare.REPEATED] == 0
    bench.world.chronicle.asked(asked)
    assert counts[rare.REPEATED] == 1


def test_a_missing_vm_that_runs_somewhere_is_counted() -> None:
    bench, counts = watched()
    bench.write(record())
    bench.runs(OTHER)
    for _ in range(2):
        bench.write(record(phase=VmPhase.MISSING))
    assert counts[rare.UNSEEN] == 1


def test_the_second_try_of_a_start_is_counted() -> None:
    bench, counts = watched()
    for tries in (0, 1, 2, 0):
        bench.write(record(restart_tries=tries))
    assert counts[rare.TRIED] == 1


def test_what_happens_around_it_is_counted() -> None:
    bench, counts = watched()
    chronicle = bench.world.chronicle
    chronicle.restored()
    chronicle.stale(SERVER, "version 3 is no longer current")
    chronicle.died(SERVER, "killed before a commit")
    chronicle.died(SERVER, "killed")
    chronicle.logged({"event": "this server stood still", "seconds": 60})
    bench.write(entries=(said(kind=EntryKind.HELD),))
    assert counts == {
        rare.RESTORED: 1,
        rare.MET: 1,
        "a server died before a commit": 1,
        "a server stood still, and went on": 1,
        rare.HELD: 1,
    }
