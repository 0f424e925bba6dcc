"""What a line may say: every word, every default, and what is refused with its place."""

import json
from enum import StrEnum

import pytest

from tests.unit.replay.asked import ask, record, refused, report, uuid, vm
from vmuster.model.errors import Refused
from vmuster.model.names import VmKind
from vmuster.model.states import (
    DesiredState,
    Drift,
    HostMode,
    MarkVerdict,
    PowerState,
    Restart,
    UnknownVms,
    VmPhase,
)
from vmuster.replay.cases import Case, CasePolicy, CaseReport, case_name, parse_case

WORDS: list[tuple[type[StrEnum], str]] = [
    (HostMode, "observe manage cordoned maintenance"),
    (UnknownVms, "leave stop-by-mark stop-by-name"),
    (Drift, "record enforce"),
    (Restart, "never on-crash always"),
    (VmKind, "user router console_proxy secondary_storage load_balancer"),
    (DesiredState, "running stopped absent"),
    (
        VmPhase,
        "pending starting running stopping stopped migrating missing failed deleting deleted",
    ),
    (PowerState, "running paused stopped crashed unknown"),
    (MarkVerdict, "none ours foreign copied forged"),
]


def parsed(**fields: object) -> Case:
    return parse_case(json.dumps({"case": "c", **fields}).encode())


@pytest.mark.parametrize(("kind", "words"), WORDS)
def test_the_words_are_those_of_the_surface(kind: type[StrEnum], words: str) -> None:
    assert [member.value for member in kind] == words.split()


def test_every_word_is_understood() -> None:
    for mode in HostMode:
        assert parsed(policy={"mode": mode}, report={}).policy.mode is mode
    for rung in UnknownVms:
        assert parsed(policy={"unknown_vms": rung}, report={}).policy.unknown_vms is rung
    for power in PowerState:
        for mark in MarkVerdict:
            shown = parsed(report=report(vm(power=power, mark=mark))).deliveries[0].vms[0]
            assert (shown.power, shown.mark) == (power, mark)
    for kind in VmKind:
        for phase in VmPhase:
            (one,) = parsed(records=[record(kind=kind, phase=phase)], report={}).records
            assert (one.kind, one.phase) == (kind, phase)


def test_the_defaults_harm_nothing() -> None:
    case = parsed(report={}, records=[{"uuid": uuid(1)}])
    assert case.fleet.instance == "VM"
    assert case.policy == CasePolicy(
        unknown_vms=UnknownVms.LEAVE,
        drift=Drift.RECORD,
        restart=Restart.NEVER,
        track_host_change=True,
        mode=HostMode.OBSERVE,
        stops_per_pass_max=10,
        seen_before_stop=2,
    )
    assert (case.repeat, case.confirmed_absent, case.decided_by) == (1, (), "vmuster")
    (one,) = case.records
    assert (one.kind, one.host, one.desired) == (VmKind.USER, None, DesiredState.RUNNING)
    assert (one.phase, one.removed) == (None, False)
    assert case.deliveries == (
        CaseReport(host="host-1", complete=True, epoch=1, sequence=None, vms=()),
    )


def test_a_policy_has_no_other_budget_and_no_wait() -> None:
    policy = CasePolicy(stops_per_pass_max=3).as_policy()
    assert policy.stops_per_pass_max == 3
    assert policy.stops_per_window_max > 10**9
    assert policy.starts_per_pass_max > 10**9
    assert (policy.quiet_seconds, policy.restart_backoff_seconds) == (0.0, 0.0)


WRONG: list[tuple[dict[str, object], str]] = [
    ({}, "either `report` or `reports`"),
    ({"report": {}, "reports": [{}]}, "either `report` or `reports`"),
    ({"reports": []}, "`reports` is empty"),
    ({"report": report(vm(power="on"))}, "$.report.vms[0].power"),
    ({"report": report(vm(mark="mine"))}, "$.report.vms[0].mark"),
    ({"report": report(vm(uuid="one"))}, "$.report.vms[0].uuid"),
    ({"report": report({"name": "x"})}, "`uuid`"),
    ({"report": report(vm(), vm())}, "stands there twice"),
    ({"report": {}, "records": [record(), record()]}, "stands there twice"),
    ({"report": {}, "records": [record(kind="vm")]}, "$.records[0].kind"),
    ({"report": {}, "policy": {"unknown_vm": "leave"}}, "unknown_vm"),
    ({"report": {"hosts": "a"}}, "hosts"),
    ({"report": {"complete": "yes"}}, "$.report.complete"),
    ({"report": {"sequence": -1}}, "$.report.sequence"),
    ({"report": {"epoch": 2**63}}, "$.report.epoch"),
    ({"report": {}, "repeat": 0}, "$.repeat"),
    ({"report": {}, "repeat": 10_001}, "$.repeat"),
    ({"report": {}, "policy": {"seen_before_stop": 0}}, "seen_before_stop"),
    ({"report": {}, "decided_by": "cloudstack"}, "$.decided_by"),
    ({"report": {}, "confirmed_absent": ["x"]}, "$.confirmed_absent[0]"),
]


@pytest.mark.parametrize(("fields", "words"), WRONG)
def test_what_is_wrong_is_said_with_its_place(fields: dict[str, object], words: str) -> None:
    assert words in refused(**fields)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"null",
        b'"case"',
        b'{"report": {}}',
        b'{"case": 1, "report": {}}',
        b'{"case": "c", "report": {}} x',
        b'{"case": "c", "report": {"epoch": NaN}}',
        b'{"case": "c", "note": Infinity, "report": {}}',
        b"\xff\xfe",
        b'{"case": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_case_is_refused(line: bytes) -> None:
    with pytest.raises(Refused):
        parse_case(line)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b'{"case": "c", "report": 1}', "c"),
        (b'{"case": 7}', 7),
        (b"{}", None),
        (b"[1]", None),
        (b"{", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
    ],
)
def test_an_error_names_the_case_where_it_can(line: bytes, name: object) -> None:
    assert case_name(line) == name


def test_a_note_of_the_authors_is_left_alone() -> None:
    assert ask(report={}, note="why", expected={"a": [1]})["findings"] == []


def test_a_uuid_in_any_writing_is_the_same_vm() -> None:
    shouted = "0000000000000000000000000000000a"
    answer = ask(records=[record(10)], report=report(vm(10, uuid=shouted.upper())))
    assert [f["finding"] for f in answer["findings"]] == ["in_sync"]
    assert answer["findings"][0]["uuid"] == uuid(10)
