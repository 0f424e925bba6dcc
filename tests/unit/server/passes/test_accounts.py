"""An account that is settled is known again by its digest, until anything stirs it."""

from typing import Any

import msgspec
import pytest

from tests.clocks import HandClock
from tests.parts import HOST, OTHER, VM
from vmuster.model.host import Host, LocalProfile
from vmuster.model.ids import ClusterName, VmUuid
from vmuster.model.plan import UNREST, Plan, Unrest
from vmuster.model.report import HostReport, Stamp
from vmuster.model.states import Completeness, HostMode
from vmuster.reconcile.stirring import Stirred
from vmuster.server.passes.accounts import Accounts
from vmuster.server.passes.scope import Judged, Lines

ROW = Host(
    id=HOST,
    name="alpha",
    cluster=ClusterName("main"),
    profile=LocalProfile(),
    mode=HostMode.MANAGE,
    added_at=0.0,
    epoch=3,
    sequence=7,
    last_report_at=100.0,
    last_complete_at=100.0,
)
LINES = Lines(boot_id="b", packed=b"")
REPORT = HostReport(
    host=HOST,
    epoch=3,
    sequence=7,
    boot_id="b",
    completeness=Completeness.COMPLETE,
    vms=(),
    digest="same",
)
NEXT = Stamp(host=HOST, epoch=3, sequence=8, asked_after=40)


class Desk:
    def __init__(self, now: float = 1_000_000.0) -> None:
        self.clock = HandClock(now)
        self.accounts = Accounts(self.clock)
        self.accounts.written(ROW)
        self.settle()

    def settle(
        self,
        restless: frozenset[VmUuid] | Unrest = frozenset(),
        begun: int | None = None,
        **judged: Any,
    ) -> None:
        """A pass that begins now, or began before, is written."""
        number = self.accounts.begin(HOST) if begun is None else begun
        given = Judged(report=REPORT, lines=LINES, begun=number)
        plan = Plan(host=ROW, restless=restless)
        self.accounts.settle(msgspec.structs.replace(given, **judged), plan)

    def same(self, stamp: Stamp = NEXT, digest: str = "same") -> bool:
        return self.accounts.same(stamp, digest, intake=50)


def test_what_is_settled_is_known_again_and_again() -> None:
    desk = Desk()
    assert desk.same()
    assert desk.same(msgspec.structs.replace(NEXT, sequence=9))


@pytest.mark.parametrize(
    "change",
    [{"host": OTHER}, {"epoch": 2}, {"epoch": 4}, {"sequence": 7}, {"asked_after": 51}],
)
def test_a_stamp_that_is_not_the_next_is_judged(change: dict[str, object]) -> None:
    assert not Desk().same(msgspec.structs.replace(NEXT, **change))


def test_another_account_is_judged() -> None:
    assert not Desk().same(digest="other")


def test_a_report_that_came_already_is_judged() -> None:
    desk = Desk()
    assert desk.same()
    assert not desk.same()


def test_an_account_about_which_nothing_is_settled_is_judged_whole() -> None:
    desk = Desk()
    desk.settle(UNREST)
    assert not desk.same()
    assert desk.accounts.known(HOST) is None
    desk.settle()
    assert desk.same()
    assert desk.accounts.known(HOST) == (LINES, frozenset())


def test_of_an_account_with_restless_vms_they_are_judged() -> None:
    desk = Desk()
    desk.settle(frozenset({VM}))
    assert not desk.same()
    assert desk.accounts.known(HOST) == (LINES, {VM})


@pytest.mark.parametrize(
    "change",
    [
        {"lines": None},
        {"report": msgspec.structs.replace(REPORT, completeness=Completeness.PARTIAL)},
    ],
)
def test_what_is_not_whole_settles_nothing(change: dict[str, Any]) -> None:
    desk = Desk()
    desk.accounts.unsettle([HOST])
    desk.settle(**change)
    assert desk.accounts.known(HOST) is None
    assert not desk.same()


def test_a_report_about_some_of_its_vms_leaves_the_others_known() -> None:
    desk = Desk()
    partial = msgspec.structs.replace(REPORT, completeness=Completeness.PARTIAL)
    desk.settle(UNREST, report=partial)
    assert desk.same()


WHOLE = [
    Stirred(everything=True),
    Stirred(clusters=frozenset({ROW.cluster})),
    Stirred(hosts=frozenset({HOST})),
]


@pytest.mark.parametrize("stirred", WHOLE)
def test_a_host_that_is_stirred_is_judged_whole(stirred: Stirred) -> None:
    desk = Desk()
    desk.accounts.stir(stirred)
    assert not desk.same()
    assert desk.accounts.known(HOST) is None


def test_a_vm_that_is_stirred_is_judged() -> None:
    desk = Desk()
    desk.accounts.stir(Stirred(vms=frozenset({(HOST, VM)})))
    assert not desk.same()
    desk.accounts.begin(HOST)
    assert not desk.same(), "a pass that began may fail"
    assert desk.accounts.known(HOST) == (LINES, {VM})
    desk.settle()
    assert desk.same()


@pytest.mark.parametrize(
    "stirred",
    [
        Stirred(),
        Stirred(clusters=frozenset({ClusterName("lab")})),
        Stirred(hosts=frozenset({OTHER})),
        Stirred(vms=frozenset({(OTHER, VM)})),
    ],
)
def test_what_concerns_others_stirs_nothing_here(stirred: Stirred) -> None:
    desk = Desk()
    desk.accounts.stir(stirred)
    assert desk.same()


@pytest.mark.parametrize("stirred", WHOLE)
def test_a_host_that_is_stirred_while_it_is_judged_is_not_settled(stirred: Stirred) -> None:
    desk = Desk()
    begun = desk.accounts.begin(HOST)
    desk.accounts.stir(stirred)
    desk.settle(begun=begun)
    assert desk.accounts.known(HOST) is None


def test_a_vm_that_is_stirred_while_it_is_judged_is_judged_again() -> None:
    desk = Desk()
    begun = desk.accounts.begin(HOST)
    desk.accounts.stir(Stirred(vms=frozenset({(HOST, VM)})))
    desk.settle(begun=begun)
    assert not desk.same()
    desk.accounts.begin(HOST)
    assert desk.accounts.known(HOST) == (LINES, {VM})


def test_once_in_an_hour_it_is_judged_all_the_same() -> None:
    desk = Desk()
    desk.clock.pass_by(3599.0)
    assert desk.same()
    desk.settle(whole=False)
    desk.clock.pass_by(1.0)
    assert not desk.same(msgspec.structs.replace(NEXT, sequence=9))
    assert desk.accounts.known(HOST) is None
    desk.settle()
    assert desk.same(msgspec.structs.replace(NEXT, sequence=9))


def test_the_row_of_a_host_says_when_it_was_heard_last() -> None:
    desk = Desk()
    assert desk.accounts.overlaid(ROW) == ROW
    assert desk.same()
    heard = desk.accounts.overlaid(ROW)
    now = desk.clock.now()
    assert (heard.sequence, heard.last_report_at, heard.last_complete_at) == (8, now, now)


def test_a_newer_row_is_not_made_older() -> None:
    desk = Desk()
    assert desk.same()
    newer = msgspec.structs.replace(ROW, sequence=9)
    assert desk.accounts.overlaid(newer) == newer


def test_a_moment_is_to_be_written_down_after_a_while() -> None:
    desk = Desk(now=159.0)
    assert desk.same()
    assert list(desk.accounts.unwritten()) == []
    desk.clock.pass_by(1.0)
    assert desk.same(msgspec.structs.replace(NEXT, sequence=9))
    assert list(desk.accounts.unwritten()) == [HOST]
    desk.accounts.written(desk.accounts.overlaid(ROW))
    assert list(desk.accounts.unwritten()) == []


def test_a_host_that_is_gone_is_forgotten() -> None:
    desk = Desk()
    desk.accounts.forget(HOST)
    assert not desk.same()
    assert desk.accounts.begin(HOST) == 0
    assert desk.accounts.known(HOST) is None


def left(desk: Desk) -> list[str]:
    return [each.digest for each in desk.accounts.settled("seal")]


def test_only_what_is_settled_is_left_to_the_next_server() -> None:
    desk = Desk()
    (settled,) = desk.accounts.settled("seal")
    assert (settled.host, settled.digest, settled.seal) == (HOST, "same", "seal")
    assert settled.judged_at == desk.clock.now()
    desk.accounts.stir(Stirred(vms=frozenset({(HOST, VM)})))
    assert left(desk) == []
    desk.settle()
    assert left(desk) == ["same"]
    desk.settle(frozenset({VM}))
    assert left(desk) == []
    desk.settle()
    desk.accounts.unsettle((HOST,))
    assert left(desk) == []
    desk.settle()
    desk.clock.pass_by(3600)
    assert left(desk) == []


@pytest.mark.parametrize(("age", "known"), [(0, True), (3599, True), (3600, False), (-1, False)])
def test_what_another_life_left_counts_for_the_rest_of_its_hour(age: float, known: bool) -> None:
    before, after = Desk(), Desk(1_000_000.0 + age)
    (settled,) = before.accounts.settled("seal")
    after.accounts.forget(HOST)
    after.accounts.recall(ROW, settled)
    assert after.same() is known
    assert after.accounts.known(HOST) is None, "by its digest alone"
    after.clock.pass_by(3600 - age)
    assert not after.same(msgspec.structs.replace(NEXT, sequence=9))


def test_what_was_recalled_goes_on_under_a_new_epoch_until_it_is_stirred() -> None:
    desk = Desk()
    (settled,) = desk.accounts.settled("seal")
    desk.accounts.forget(HOST)
    desk.accounts.recall(ROW, settled)
    desk.accounts.written(msgspec.structs.replace(ROW, epoch=4, sequence=0))
    greeted = msgspec.structs.replace(NEXT, epoch=4, sequence=1)
    assert not desk.same()
    assert desk.same(greeted)
    desk.accounts.stir(Stirred(hosts=frozenset({HOST})))
    assert not desk.same(msgspec.structs.replace(greeted, sequence=2))
