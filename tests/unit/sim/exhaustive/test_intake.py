"""A report is taken in by the shipped core; its changes are applied, and held against the laws."""

import msgspec
import pytest

from tests.unit.sim.exhaustive import mistakes
from tests.unit.sim.exhaustive.worlds import START, looked_at, seen, unwanted
from vmuster.model.changes import Changes, Write
from vmuster.model.plan import Plan
from vmuster.model.states import PowerState, VmPhase
from vmuster.sim.exhaustive.intake import Intake, breached
from vmuster.sim.exhaustive.knowledge import Known
from vmuster.sim.exhaustive.looks import Report, Stamp, accounts
from vmuster.sim.exhaustive.setting import HOST_ROWS, HOSTS, RECORD
from vmuster.sim.exhaustive.truth import ENDED, NOWHERE, placed, powered


def test_what_is_seen_is_remembered_once() -> None:
    (ours, there) = seen().sightings
    assert ours is not None
    assert (ours.host, ours.power, there) == (HOSTS[0], PowerState.RUNNING, None)
    assert looked_at(seen()).known == seen()


def test_the_same_report_is_decided_once() -> None:
    taking = Intake()
    report = Report(account=accounts(START, 0)[0], asked_after=0)
    assert taking.take(Known(), 0, report) is taking.take(Known(), 0, report)


def test_a_stale_report_is_refused_and_changes_nothing() -> None:
    account = accounts(START, 0)[0]
    report = Report(account=account, asked_after=0, stamp=Stamp.OLDER)
    taken = Intake().take(seen(), 0, report)
    assert "stale" in taken.refused
    assert taken.known == taken.before == seen()


def test_what_is_not_wanted_to_run_is_ordered_to_stop_with_its_row() -> None:
    taken = unwanted()
    assert [command.host for command in taken.commands] == [HOSTS[0]]
    assert taken.known.operation is not None
    assert taken.breaches == ()


def test_a_record_follows_what_is_seen_and_an_absence_that_is_confirmed() -> None:
    off = looked_at(seen(), powered(START, 0, ENDED))
    assert off.known.record.phase is VmPhase.STOPPED
    gone = looked_at(seen(), placed(START, 0, NOWHERE))
    assert gone.known.record.phase is VmPhase.MISSING
    unsure = looked_at(seen(), placed(START, 0, NOWHERE), number=1)
    assert unsure.known.record.phase is VmPhase.RUNNING


def breaches(*writes: Write) -> list[str]:
    plan = Plan(host=HOST_ROWS[0])
    return [law.split(":")[0] for law in breached(plan, Changes(writes=writes))]


OTHER_UUID = msgspec.structs.replace(RECORD, uuid=mistakes.ANOTHER)


@pytest.mark.parametrize(
    ("write", "laws"),
    [
        (Write(before=RECORD, after=RECORD), []),
        (Write(before=RECORD, after=None), ["L9"]),
        (Write(before=None, after=RECORD), ["L9"]),
        (Write(before=RECORD, after=OTHER_UUID), ["L9"]),
        (Write(before=RECORD, after=msgspec.structs.replace(RECORD, removed_at=1.0)), ["L9"]),
        (Write(before=RECORD, after=msgspec.structs.replace(RECORD, generation=0)), ["L5"]),
        (Write(before=RECORD, after=msgspec.structs.replace(RECORD, mark_generation=0)), ["L5"]),
        (Write(before=HOST_ROWS[0], after=HOST_ROWS[0]), ["L7"]),
    ],
)
def test_changes_are_held_against_the_laws(write: Write, laws: list[str]) -> None:
    assert breaches(write) == laws


def test_what_the_core_itself_takes_out_is_a_breach() -> None:
    plan = Plan(host=HOST_ROWS[0], violations=("L2: a start",))
    assert list(breached(plan, Changes())) == ["the core's own second opinion: L2: a start"]


def test_a_command_without_its_row_is_a_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    mistakes.commands_without_a_row(monkeypatch)
    assert [law.split(":")[0] for law in unwanted().breaches] == ["L12"]
