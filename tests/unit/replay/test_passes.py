"""Deliveries: their order, their repetition, and what a host asked to look again answers."""

import pytest

from tests.unit.replay.asked import (
    BY_MARK,
    BY_NAME,
    ENFORCE,
    MANAGE,
    Answer,
    ask,
    finding,
    record,
    report,
    uuid,
    vm,
)

STRANGER = vm(mark="none")
ALIEN = vm(name="web-01", mark="none")


def stopped(answer: Answer) -> list[str]:
    return [c["uuid"] for c in answer["commands"] if c["command"] == "stop_vm"]


@pytest.mark.parametrize(("repeat", "stops"), [(1, 0), (2, 1), (3, 1)])
def test_the_list_is_delivered_so_many_times(repeat: int, stops: int) -> None:
    answer = ask(policy=BY_NAME, report=report(STRANGER), repeat=repeat)
    assert len(stopped(answer)) == stops


def test_a_list_of_reports_is_as_good_as_a_repetition() -> None:
    assert stopped(ask(policy=BY_NAME, reports=[report(STRANGER)] * 2))


@pytest.mark.parametrize("seen", [1, 2, 3])
def test_seen_before_stop_counts_complete_reports_in_a_row(seen: int) -> None:
    policy = {**BY_NAME, "seen_before_stop": seen}
    for repeat in (1, 2, 3, 4):
        answer = ask(policy=policy, report=report(STRANGER), repeat=repeat)
        assert bool(stopped(answer)) is (repeat >= seen)
    broken = [report(STRANGER)] * (seen - 1) + [report(ALIEN | {"uuid": uuid(9)}), report(STRANGER)]
    assert bool(stopped(ask(policy=policy, reports=broken))) is (seen == 1)


def test_a_partial_report_never_stops_a_stranger_and_breaks_no_count() -> None:
    partial = report(STRANGER, complete=False)
    assert stopped(ask(policy=BY_NAME, report=partial, repeat=10)) == []
    assert stopped(ask(policy=BY_NAME, reports=[report(STRANGER), partial, report(STRANGER)]))


def test_an_older_report_says_nothing() -> None:
    late = report(vm(power="stopped"), sequence=3)
    answer = ask(records=[record()], reports=[report(vm(), sequence=5), late])
    assert answer["findings"] == answer["transitions"] == []
    fresh = ask(records=[record()], reports=[report(vm(), sequence=5), late | {"sequence": 6}])
    assert finding(fresh) == ("owned", "stopped_outside")


def test_an_older_epoch_says_nothing_whatever_its_sequence() -> None:
    reports = [report(vm(), epoch=2), report(vm(power="stopped"), epoch=1, sequence=99)]
    assert ask(records=[record()], reports=reports)["findings"] == []


def test_a_new_epoch_begins_its_own_count() -> None:
    reports = [report(vm(), sequence=9), report(vm(power="stopped"), epoch=2, sequence=1)]
    assert finding(ask(records=[record()], reports=reports)) == ("owned", "stopped_outside")


def test_the_very_first_report_may_bear_the_lowest_stamp() -> None:
    lowest = report(vm(), epoch=0, sequence=0)
    assert finding(ask(records=[record()], report=lowest)) == ("owned", "in_sync")


def test_a_report_without_a_sequence_comes_after_the_one_before_it() -> None:
    late = report(vm(power="stopped"))
    for reports in ([report(vm()), late | {"sequence": 2}], [report(vm(), sequence=7), late]):
        answer = ask(records=[record()], reports=reports)
        assert finding(answer) == ("owned", "stopped_outside")


def test_given_sequences_rise_with_each_repetition() -> None:
    reports = [report(STRANGER, sequence=5), report(STRANGER, sequence=7)]
    assert stopped(ask(policy=BY_NAME, reports=reports, repeat=2))


@pytest.mark.parametrize(
    ("confirmed", "repeat", "expected"),
    [
        (True, 2, (None, "missing")),
        (True, 1, (None, "unclear")),
        (False, 5, (None, "unclear")),
    ],
)
def test_missing_needs_a_confirmation(
    confirmed: bool, repeat: int, expected: tuple[str | None, str]
) -> None:
    answer = ask(
        records=[record()],
        report=report(vm(2, name="web-01", mark="none")),
        confirmed_absent=[uuid(1)] if confirmed else [],
        repeat=repeat,
    )
    assert finding(answer) == expected


def test_an_empty_list_where_vms_were_is_held() -> None:
    answer = ask(records=[record()], report=report(), repeat=3)
    assert answer["held"] is True
    assert finding(answer) == (None, "unclear")
    assert answer["transitions"] == []


def test_an_empty_list_where_strangers_were_is_held_too() -> None:
    assert ask(reports=[report(ALIEN), report()])["held"] is True
    assert ask(report=report())["held"] is False


def test_the_record_follows_what_its_home_has_lost() -> None:
    there = report(vm(), host="b")
    known = [report(vm()), there]
    lost = [report(vm(9, name="web-01", mark="none")), there]
    answer = ask(records=[record()], reports=lost)
    assert finding(answer) == ("moved", "moved")
    assert [t["host"] for t in answer["transitions"]] == ["b"]
    assert finding(ask(records=[record()], reports=known)) == ("duplicate", "duplicate")


def test_several_vms_follow_in_one_pass() -> None:
    records = [record(n) for n in (1, 2, 3)]
    reports = [report(vm(9, mark="none")), report(*(vm(n) for n in (1, 2, 3)), host="b")]
    answer = ask(records=records, reports=reports)
    assert [t["host"] for t in answer["transitions"]] == ["b", "b", "b"]


def test_a_home_that_never_reported_can_not_be_asked() -> None:
    answer = ask(records=[record()], report=report(vm(), host="b"), repeat=5)
    assert finding(answer) == ("moved", "moved")
    assert answer["transitions"] == []


def test_with_tracking_off_the_record_stays() -> None:
    reports = [report(vm(9, mark="none")), report(vm(), host="b")]
    policy = {"track_host_change": False}
    answer = ask(records=[record()], reports=reports, policy=policy, repeat=3)
    assert finding(answer) == ("moved", "moved")
    assert answer["transitions"] == []


def test_active_on_one_and_stopped_on_the_other_follows_the_active_one() -> None:
    reports = [report(vm(power="stopped")), report(vm(), host="b")]
    answer = ask(records=[record()], reports=reports, policy=ENFORCE)
    assert [t["host"] for t in answer["transitions"]] == ["b"]
    assert answer["commands"] == []


def test_a_wrong_hosts_stopped_is_not_believed() -> None:
    reports = [report(vm()), report(vm(power="stopped"), host="b")]
    answer = ask(records=[record()], reports=reports, policy=ENFORCE, repeat=3)
    assert answer["transitions"] == answer["commands"] == []


def test_stopped_counts_as_witnessed_so_what_was_asked_for_follows() -> None:
    answer = ask(records=[record()], report=report(vm(power="stopped")), policy=MANAGE)
    assert answer["transitions"][0]["desired"] == "stopped"
    assert answer["commands"] == []


def test_a_command_leaves_nothing_in_flight() -> None:
    fields = {"policy": ENFORCE, "records": [record(desired="stopped")], "report": report(vm())}
    for repeat in (1, 2, 3):
        answer = ask(**fields, repeat=repeat)
        assert stopped(answer) == [uuid(1)]
        assert finding(answer) == ("owned", "started_outside")


def test_restarts_have_no_wait_between_them() -> None:
    policy = {**MANAGE, "restart": "on-crash"}
    fields = {"policy": policy, "records": [record()], "report": report(vm(power="crashed"))}
    assert len(ask(**fields, repeat=10)["commands"]) == 1


def test_an_orphan_holds_the_stops_of_the_cluster() -> None:
    ghost = {"policy": BY_MARK, "records": [record(removed=True)], "repeat": 3}
    assert stopped(ask(**ghost, report=report(vm())))
    assert stopped(ask(**ghost, report=report(vm(), vm(2)))) == []
    assert stopped(ask(**ghost, reports=[report(vm(2), host="b"), report(vm())])) == []


@pytest.mark.parametrize(("most", "held"), [(299, True), (300, False)])
def test_no_budget_binds_but_the_one_that_is_named(most: int, held: bool) -> None:
    strays = [vm(n, mark="none") for n in range(1, 301)]
    policy = {**BY_NAME, "stops_per_pass_max": most}
    answer = ask(policy=policy, report=report(*strays), repeat=4)
    assert (answer["held"], len(answer["held_commands"])) == (held, 300 if held else 0)
    assert len(stopped(answer)) == (0 if held else 300)


def test_no_budget_binds_starts() -> None:
    records = [record(n) for n in range(1, 301)]
    shown = report(*(vm(n, power="stopped") for n in range(1, 301)))
    answer = ask(policy=ENFORCE, records=records, report=shown, repeat=4)
    assert (answer["held"], len(answer["commands"])) == (False, 300)


def test_what_was_held_in_one_pass_binds_no_later_one() -> None:
    strays = [vm(n, mark="none") for n in (1, 2, 3)]
    policy = {**BY_NAME, "stops_per_pass_max": 2}
    answer = ask(policy=policy, reports=[report(*strays), report(*strays), report(*strays[:2])])
    assert (answer["held"], len(stopped(answer))) == (False, 2)


def test_a_mark_that_nobody_recorded_is_no_reason_to_stop_deciding() -> None:
    """A case has no journal, and no number was ever given."""
    orphan, ours = vm(2), vm(1, power="running")
    answer = ask(
        policy=ENFORCE, records=[record(desired="stopped")], report=report(ours, orphan), repeat=2
    )
    assert finding(answer, 2) == ("orphan", "orphan")
    assert stopped(answer) == [uuid(1)]
