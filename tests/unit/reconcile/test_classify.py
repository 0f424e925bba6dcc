"""What is concluded about an owned VM: total over all that may be seen, and as the design says."""

import itertools

import pytest

from tests.parts import observation, record
from tests.worlds import owned
from vmuster.model.policy import Policy
from vmuster.model.states import (
    DesiredState,
    Drift,
    Finding,
    PowerReason,
    PowerState,
    Restart,
)
from vmuster.reconcile.classify import (
    LEFT,
    PAUSED,
    TABLE,
    TRAVELS,
    UNKNOWN,
    Deed,
    Row,
    Seen,
    classify,
    deed,
    remembered_reason,
)
from vmuster.reconcile.lifecycle import PhaseEvent

WITNESSED = {PowerReason.GUEST, PowerReason.HAND, PowerReason.SAVED}
EVERYTHING = list(
    itertools.product(DesiredState, PowerState, PowerReason, ["", "boot-1", "boot-0"])
)


def row_for(
    desired: DesiredState, power: PowerState, reason: PowerReason, last_boot: str = "boot-1"
) -> Row:
    vm = record(desired=desired, boot_id=last_boot)
    return classify(vm, observation(power=power, reason=reason), owned().report)


def design(
    desired: DesiredState, power: PowerState, reason: PowerReason, last_boot: str
) -> tuple[Finding, PhaseEvent | None]:
    """The design's section 7, said by what is seen first."""
    if power is PowerState.UNKNOWN or (power, reason) == (PowerState.STOPPED, PowerReason.MIGRATED):
        return Finding.UNCLEAR, None
    if power is PowerState.PAUSED:
        return Finding.PAUSED, None
    if desired is DesiredState.ABSENT:
        runs = power is PowerState.RUNNING
        return Finding.STARTED_OUTSIDE if runs else Finding.IN_SYNC, PhaseEvent.DELETE_REQUESTED
    if power is PowerState.RUNNING:
        asked = desired is DesiredState.RUNNING
        return Finding.IN_SYNC if asked else Finding.STARTED_OUTSIDE, PhaseEvent.SEEN_RUNNING
    if desired is DesiredState.STOPPED:
        return Finding.IN_SYNC, PhaseEvent.SEEN_STOPPED
    if power is PowerState.CRASHED:
        return Finding.CRASHED, PhaseEvent.SEEN_CRASHED
    return Finding.STOPPED_OUTSIDE, PhaseEvent.SEEN_STOPPED


@pytest.mark.parametrize(("desired", "power", "reason", "last_boot"), EVERYTHING)
def test_everything_seen_has_its_row(
    desired: DesiredState, power: PowerState, reason: PowerReason, last_boot: str
) -> None:
    row = row_for(desired, power, reason, last_boot)
    assert (row.finding, row.event) == design(desired, power, reason, last_boot)
    assert row.follows is (
        (desired, power) == (DesiredState.STOPPED, PowerState.RUNNING)
        or (
            (desired, power) == (DesiredState.RUNNING, PowerState.STOPPED)
            and reason in WITNESSED
            and last_boot != "boot-0"
        )
    )


def test_the_table_is_total_and_every_row_is_used() -> None:
    assert TABLE.keys() == set(itertools.product(DesiredState, Seen))
    used = {row_for(*everything).rule for everything in EVERYTHING}
    assert used == {row.rule for row in (*TABLE.values(), UNKNOWN, PAUSED, TRAVELS, LEFT)}


DEEDS = {
    ("in-sync", Drift.ENFORCE, Restart.ALWAYS): Deed.NOTHING,
    ("stopped-outside", Drift.RECORD, Restart.ALWAYS): Deed.NOTHING,
    ("stopped-outside", Drift.ENFORCE, Restart.NEVER): Deed.START,
    ("stopped-unexplained", Drift.RECORD, Restart.NEVER): Deed.NOTHING,
    ("stopped-unexplained", Drift.RECORD, Restart.ON_CRASH): Deed.NOTHING,
    ("stopped-unexplained", Drift.RECORD, Restart.ALWAYS): Deed.START,
    ("stopped-unexplained", Drift.ENFORCE, Restart.NEVER): Deed.START,
    ("crashed", Drift.ENFORCE, Restart.NEVER): Deed.NOTHING,
    ("crashed", Drift.RECORD, Restart.ON_CRASH): Deed.START,
    ("crashed", Drift.RECORD, Restart.ALWAYS): Deed.START,
    ("started-outside", Drift.RECORD, Restart.ALWAYS): Deed.NOTHING,
    ("started-outside", Drift.ENFORCE, Restart.NEVER): Deed.STOP,
    ("absent-but-running", Drift.RECORD, Restart.NEVER): Deed.STOP,
    ("absent-but-running", Drift.ENFORCE, Restart.ALWAYS): Deed.STOP,
    ("trash", Drift.ENFORCE, Restart.ALWAYS): Deed.NOTHING,
}


@pytest.mark.parametrize(("rule", "drift", "restart"), DEEDS)
def test_what_a_row_asks_for_is_a_matter_of_policy(
    rule: str, drift: Drift, restart: Restart
) -> None:
    row = next(row for row in TABLE.values() if row.rule == rule)
    assert deed(row, Policy(drift=drift, restart=restart)) is DEEDS[rule, drift, restart]


@pytest.mark.parametrize("row", [UNKNOWN, PAUSED, TRAVELS, LEFT])
@pytest.mark.parametrize("drift", Drift)
@pytest.mark.parametrize("restart", Restart)
def test_nothing_is_ever_done_about_what_is_not_plain(
    row: Row, drift: Drift, restart: Restart
) -> None:
    assert deed(row, Policy(drift=drift, restart=restart)) is Deed.NOTHING


def test_a_pause_is_told_unless_the_vm_only_travels() -> None:
    for reason in PowerReason:
        row = row_for(DesiredState.RUNNING, PowerState.PAUSED, reason)
        assert row.alert is (reason is not PowerReason.MIGRATING)


def test_nothing_that_runs_is_asked_to_start_and_nothing_that_rests_to_stop() -> None:
    for (_, seen), row in TABLE.items():
        deeds = {deed(row, Policy(drift=d, restart=r)) for d in Drift for r in Restart}
        assert (Deed.START if seen is Seen.RUNNING else Deed.STOP) not in deeds


@pytest.mark.parametrize(
    ("was", "before", "now", "said"),
    [*itertools.product(PowerState, PowerReason, PowerState, PowerReason)],
)
def test_that_it_left_by_a_migration_outlasts_only_a_stop_without_a_reason(
    was: PowerState, before: PowerReason, now: PowerState, said: PowerReason
) -> None:
    """A libvirt that was started anew has forgotten why a VM is off, and knows all else."""
    left = (was, before) == (PowerState.STOPPED, PowerReason.MIGRATED)
    forgotten = (now, said) == (PowerState.STOPPED, PowerReason.UNKNOWN)
    remembered = remembered_reason(
        record(power=was, reason=before), observation(power=now, reason=said)
    )
    assert remembered is (PowerReason.MIGRATED if left and forgotten else said)


@pytest.mark.parametrize(
    ("last_seen", "words"),
    [
        (PowerState.RUNNING, "it should be stopped, and runs on"),
        (PowerState.STOPPED, "it should be stopped, and was started by a hand that is not ours"),
        (PowerState.UNKNOWN, "it should be stopped, and was started by a hand that is not ours"),
    ],
)
def test_no_hand_is_blamed_for_a_vm_that_was_never_seen_stopped(
    last_seen: PowerState, words: str
) -> None:
    vm = record(desired=DesiredState.STOPPED, power=last_seen)
    row = classify(vm, observation(power=PowerState.RUNNING), owned().report)
    started = TABLE[DesiredState.STOPPED, Seen.RUNNING]
    assert row.why == words
    assert (row.rule, row.finding, row.enforced) == (
        started.rule,
        started.finding,
        started.enforced,
    )
