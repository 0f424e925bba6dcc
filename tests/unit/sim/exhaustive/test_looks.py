"""What a look can give, honest or not, and how it is stamped."""

import msgspec
import pytest

from vmuster.model.states import Completeness
from vmuster.reconcile.freshness import refusal
from vmuster.sim.exhaustive.looks import (
    Account,
    Report,
    Stamp,
    accounts,
    lies,
    of_ours,
    stamped,
)
from vmuster.sim.exhaustive.setting import HOST_ROWS, HOSTS, OURS, STRANGER
from vmuster.sim.exhaustive.truth import NOWHERE, ActedOn, Place, beginning, placed

START = beginning(ActedOn.OURS)
PRESENT = accounts(START, 0)[0]


def absences(place: Place) -> set[tuple[Completeness, bool]]:
    truth = placed(START, 0, place)
    return {(one.completeness, OURS in one.absent) for one in accounts(truth, 0)}


def test_an_absence_is_confirmed_only_where_no_process_is_left() -> None:
    whole, part = Completeness.COMPLETE, Completeness.PARTIAL
    assert absences(NOWHERE) == {(whole, True), (whole, False), (part, True)}
    assert absences(Place(process=True)) == {(whole, False), (part, False)}
    assert absences(START.places[0]) == {(whole, False), (part, False)}


def test_a_dead_daemon_gives_no_account() -> None:
    dead = msgspec.structs.replace(START, down=(True, False))
    assert accounts(dead, 0) == ()
    assert list(lies(dead, 0)) == []
    assert accounts(dead, 1) != ()


def test_a_lie_is_an_empty_list_and_confirms_nothing_that_runs() -> None:
    assert [lie.absent for lie in lies(START, 0)] == [()]
    assert list(lies(START, 1)) == []
    stopped = msgspec.structs.replace(START, stranger=START.stranger[::-1])
    assert [lie.absent for lie in lies(stopped, 0)] == [(), (STRANGER,)]
    assert all(lie.vms == () for lie in lies(stopped, 0))


@pytest.mark.parametrize(
    ("stamp", "refused"),
    [(Stamp.NEWEST, False), (Stamp.NEWER, False), (Stamp.OLDER, True), (Stamp.EARLIER, True)],
)
def test_the_shipped_rule_takes_what_is_new_and_nothing_else(stamp: Stamp, refused: bool) -> None:
    report = stamped(Report(account=PRESENT, asked_after=0, stamp=stamp), 0)
    assert (refusal(HOST_ROWS[0], report, 0) != "") is refused


def test_a_report_says_what_its_account_says() -> None:
    report = stamped(Report(account=PRESENT, asked_after=3), 1)
    assert (report.host, report.vms, report.asked_after) == (HOSTS[1], PRESENT.vms, 3)


def test_an_account_in_words() -> None:
    assert PRESENT.words == "complete: i-2-78-VM running, i-9-99-VM running"
    gone = Account(completeness=Completeness.PARTIAL, vms=(), absent=(OURS,))
    assert gone.words == "partial: nothing; our VM is confirmed absent"
    assert of_ours(gone) is None
    assert of_ours(PRESENT) == PRESENT.vms[0]
