"""What can happen next: everything, counted as it should be, and judged."""

import msgspec
import pytest

from tests.unit.sim.exhaustive.worlds import START, stop, unwanted
from vmuster.sim.exhaustive.looks import Report, Stamp, accounts
from vmuster.sim.exhaustive.moves import Move, Moves
from vmuster.sim.exhaustive.setting import NOW
from vmuster.sim.exhaustive.state import Pending, Shown, State, first
from vmuster.sim.exhaustive.truth import ENDED, ActedOn, powered

FIRST = first(ActedOn.OURS)
ORDERED = msgspec.structs.replace(FIRST, known=unwanted().known, orders=(stop(), None))


def after(state: State, words: str, *, faults: int = 0) -> list[Move]:
    """The moves whose words hold `words`."""
    moves = Moves(ActedOn.OURS).after(state, faults)
    return [move for move in moves if words in move.words]


def test_without_faults_the_fleet_lives_on() -> None:
    assert {move.faults for move in Moves(ActedOn.OURS).after(FIRST, 0)} == {0}
    (seen, _partial) = after(FIRST, "host a looks")
    assert seen.state.known.record == FIRST.known.record
    assert seen.state.shown == (Shown.MARKED, Shown.NO)
    assert after(seen.state, "looks") == []


def test_no_move_takes_more_faults_than_there_are() -> None:
    for faults in (1, 2):
        counted = {move.faults for move in Moves(ActedOn.OURS).after(FIRST, faults)}
        assert counted == set(range(faults + 1))


def test_an_order_is_carried_out_and_its_answer_may_be_lost() -> None:
    answered, lost = after(ORDERED, "done")
    for move in (answered, lost):
        assert move.state.truth == powered(START, 0, ENDED)
        assert move.state.orders == (None, None)
        assert move.breaches == ()
    assert "lost" in lost.words
    (waiting, settled) = (move.state.known.operation for move in (lost, answered))
    assert waiting is not None
    assert settled is not None
    assert waiting.deadline_at > settled.deadline_at == NOW


def test_what_was_seen_before_a_change_may_still_be_on_its_way() -> None:
    (_, late) = after(FIRST, "a hand stops our VM", faults=2)
    assert (late.faults, late.state.truth) == (2, powered(START, 0, ENDED))
    (pending, _) = late.state.reports
    assert pending is not None
    assert pending.report.account == accounts(START, 0)[0]
    assert pending.ran == (False, False)
    (arrived,) = after(late.state, "an earlier report of host a is taken in")
    assert arrived.state.reports == (None, None)
    assert arrived.state.shown == (Shown.NO, Shown.NO)


def test_an_order_of_an_earlier_connection_is_refused() -> None:
    (restarted,) = after(ORDERED, "the server is started anew", faults=1)
    moves = after(restarted.state, "stop_vm")
    assert moves != []
    assert all("refused" in move.words for move in moves)
    assert {move.state.truth for move in moves} == {START}


def test_a_restart_drops_what_was_on_its_way() -> None:
    pending = Pending(
        report=Report(
            account=accounts(powered(START, 0, ENDED), 0)[0], asked_after=0, stamp=Stamp.NEWER
        ),
        ran=(False, False),
    )
    state = msgspec.structs.replace(FIRST, reports=(pending, pending))
    (restarted,) = after(state, "the server is started anew", faults=1)
    assert restarted.state.reports == (None, None)


def test_time_passes_and_a_dead_daemon_comes_back() -> None:
    (dead,) = after(ORDERED, "the daemon of host a dies", faults=1)
    assert after(dead.state, "looks") == after(dead.state, "host b looks")
    (refused, _) = after(dead.state, "no hypervisor")
    (late,) = after(refused.state, "is over")
    (swept,) = after(late.state, "the sweep ends")
    assert swept.state.known.operation is None
    (back,) = after(dead.state, "comes back")
    assert back.state.truth.down == (False, False)
    assert back.faults == 0


def test_a_lie_is_on_its_way_and_a_person_may_ask() -> None:
    (lie,) = after(FIRST, "lies", faults=1)
    (pending, _) = lie.state.reports
    assert pending is not None
    assert pending.report.account.vms == ()
    assert len(after(FIRST, "a person asks", faults=1)) == 2
    assert after(ORDERED, "a person asks", faults=1) == []


@pytest.mark.parametrize(
    ("shown", "words", "then"),
    [
        (Shown.NO, "forgets our VM", Shown.NO),
        (Shown.MARKED, "forgets our VM", Shown.LEFT),
        (Shown.NO, "forgets that our VM", Shown.NO),
        (Shown.LEFT, "forgets that our VM", Shown.LEFT),
        (Shown.MARKED, "forgets that our VM", Shown.MARKED),
        (Shown.MARKED, "without its mark", Shown.BARE),
    ],
)
def test_what_a_host_has_shown_is_remembered_while_it_runs_on(
    shown: Shown, words: str, then: Shown
) -> None:
    state = msgspec.structs.replace(FIRST, shown=(shown, Shown.NO))
    (changed,) = after(state, words, faults=1)
    assert changed.state.shown[0] is shown
    (looked, *_) = after(changed.state, "host a looks")
    assert looked.state.shown[0] is then
