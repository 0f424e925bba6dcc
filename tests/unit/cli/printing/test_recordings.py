"""A recording, and what a replay found, as people read it."""

from typing import Any

import msgspec
import pytest

from tests import worlds
from tests.recorded import pass_over
from tests.worlds import copy_of
from vmuster.cli.printing import recordings
from vmuster.cli.printing.recordings import DIFFERENCES, ENDS, document, ended, sums, told
from vmuster.model.ids import HostId
from vmuster.model.states import DesiredState, HostMode, VmPhase
from vmuster.reconcile.supposed import Change
from vmuster.replay.differences import compared
from vmuster.replay.summary import summed_up
from vmuster.sim.whatif.ends import End, Record

RUNS: dict[str, Any] = {
    "started_at": "2026-01-01T00:00:00Z",
    "ends_at": "2026-01-02T00:00:00Z",
    "size_max": 64 << 20,
    "stopped": "",
    "size": 3 << 19,
    "passes": 7,
    "missed": 0,
    "segments": [],
}


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "present", lambda: 1_767_268_800.0)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "recording  on until 2026-01-02 00:00:00Z"),
        ({"ends_at": "2026-01-01T11:00:00Z"}, "recording  over since 2026-01-01 11:00:00Z"),
        ({"stopped": "by ann"}, "recording  ended: by ann"),
        ({"started_at": None}, "nothing is recorded; start one with 'vmuster record start'"),
        ({"size": 3 << 19}, "size       1.5 of 64 MiB at most"),
        ({}, "passes     7 since the server's start"),
        ({"missed": 2}, "missed     2: they came faster than they could be written"),
    ],
)
def test_a_recording_is_told(changes: dict[str, Any], line: str) -> None:
    assert line in list(told(RUNS | changes))


def test_what_nobody_missed_is_not_told() -> None:
    assert not any(line.startswith("missed") for line in told(RUNS))


def found(count: int, mode: HostMode | None = None, **settings: object) -> dict[str, Any]:
    passes = [pass_over(copy_of(worlds.ghost(), number + 1)) for number in range(count)]
    return document(summed_up(compared(passes, Change(settings=settings, mode=mode))))


@pytest.mark.parametrize(
    ("it", "lines"),
    [
        (found(0), ["0 passes, 0 decisions: no difference"]),
        (found(1), ["1 pass, 1 decision: no difference"]),
        (
            found(1, HostMode.OBSERVE),
            ["1 pass, 1 decision: 1 difference", "VMs that would be acted on: -1 stop"],
        ),
        (
            found(3, stops_per_pass_max=0),
            [
                "3 passes, 3 decisions: 3 differences",
                "VMs that would be acted on: +3 stop held, -3 stop",
            ],
        ),
    ],
    ids=str,
)
def test_a_replay_is_summed_up(it: dict[str, Any], lines: list[str]) -> None:
    assert list(sums(it)) == lines


def test_a_difference_is_a_line_of_a_table() -> None:
    (item,) = found(1, HostMode.OBSERVE)["differences"]
    texts = {column.title: column.text(item) for column in DIFFERENCES.columns}
    assert texts["AT"] == "1970-01-12 13:46:40Z"
    assert (texts["HOST"], texts["VM"]) == ("home", "i-2-1-VM")
    assert (texts["WAS"], texts["NOW"]) == ("ghost, stop", "ghost")
    assert (texts["RULE"], texts["PASSES"]) == ("standing-8", "1")
    assert "nothing is done automatically on a host in observe" in texts["WHY"]


def test_what_is_wanted_of_a_record_is_told_and_nothing_where_there_is_none() -> None:
    was = pass_over(worlds.owned_stopped())
    change = Change(settings={"drift": "enforce"})
    (item,) = document(summed_up(compared([was], change)))["differences"]
    words = {column.title: column.text(item) for column in DIFFERENCES.columns}
    assert words["WAS"] == "stopped_outside, wanted stopped"
    assert words["NOW"] == "stopped_outside, start, wanted running"
    (now,) = [column for column in DIFFERENCES.columns if column.title == "NOW"]
    assert now.text({**item, "now": None}) == "nothing"


def test_how_a_record_ends_is_told_in_words() -> None:
    at_home = Record(
        phase=VmPhase.STOPPED, desired=DesiredState.RUNNING, host=HostId("h"), host_name="home"
    )
    nowhere = msgspec.structs.replace(at_home, host=None, host_name="")
    item = ended(End(vm=worlds.owned().uuid, name="web", was=at_home, now=nowhere))
    texts = {column.title: column.text(item) for column in ENDS.columns}
    assert texts == {
        "VM": "web",
        "ENDED": "stopped, wanted running, on home",
        "WOULD END": "stopped, wanted running",
    }
    none = ended(End(vm=worlds.owned().uuid, name="", was=None, now=at_home))
    texts = {column.title: column.text(none) for column in ENDS.columns}
    assert (texts["VM"], texts["ENDED"]) == (str(worlds.owned().uuid), "no record")
