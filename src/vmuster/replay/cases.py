"""One line of replay input as values. The shape is a fixed surface: see `docs/replay.md`."""

import json
from typing import Annotated, Literal, NoReturn
from uuid import UUID

import msgspec

from vmuster.model.errors import Refused
from vmuster.model.names import VmKind
from vmuster.model.policy import Policy
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

_LINE_BYTES_MAX = 64 * 1024 * 1024
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class CaseFleet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    instance: str = "VM"


class CasePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    unknown_vms: UnknownVms = UnknownVms.LEAVE
    drift: Drift = Drift.RECORD
    restart: Restart = Restart.NEVER
    track_host_change: bool = True
    mode: HostMode = HostMode.OBSERVE
    stops_per_pass_max: Count = 10
    seen_before_stop: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 2

    def as_policy(self) -> Policy:
        """The whole policy: no budget but the one named here, no quiet time, no backoff."""
        return Policy(
            unknown_vms=self.unknown_vms,
            drift=self.drift,
            restart=self.restart,
            track_host_change=self.track_host_change,
            seen_before_stop=self.seen_before_stop,
            stops_per_pass_max=self.stops_per_pass_max,
            starts_per_pass_max=2**31,
            stops_per_window_max=2**31,
            starts_per_window_max=2**31,
            cluster_stops_per_window_max=2**31,
            cluster_starts_per_window_max=2**31,
            quiet_seconds=0.0,
            restart_backoff_seconds=0.0,
            restart_tries_max=2**31,
        )


class CaseRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    uuid: UUID
    name: str = ""
    kind: VmKind = VmKind.USER
    host: str | None = None
    desired: DesiredState = DesiredState.RUNNING
    phase: VmPhase | None = None
    removed: bool = False


class CaseVm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    uuid: UUID
    name: str = ""
    power: PowerState = PowerState.RUNNING
    mark: MarkVerdict = MarkVerdict.NONE


class CaseReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str = "host-1"
    complete: bool = True
    epoch: Count = 1
    sequence: Count | None = None
    vms: tuple[CaseVm, ...] = ()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One line. Fields that it does not know are notes of the author's and are left alone.

    `decided_by` is an addition to the fixed surface: whose rules answer.
    """

    case: str
    fleet: CaseFleet = CaseFleet()
    policy: CasePolicy = CasePolicy()
    records: tuple[CaseRecord, ...] = ()
    report: CaseReport | None = None
    reports: tuple[CaseReport, ...] | None = None
    repeat: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    confirmed_absent: tuple[UUID, ...] = ()
    decided_by: Literal["vmuster", "original", "proposed_guard"] = "vmuster"

    @property
    def deliveries(self) -> tuple[CaseReport, ...]:
        """The reports, in order, of one round."""
        return self.reports if self.reports is not None else (self.report,) if self.report else ()


def parse_case(line: bytes) -> Case:
    """One line of JSON as a case; raises `Refused` with what is wrong and where."""
    if len(line) > _LINE_BYTES_MAX:
        raise Refused(f"the line is longer than {_LINE_BYTES_MAX} bytes")
    try:
        case = msgspec.convert(json.loads(line, parse_constant=_no_constant), Case)
    except (ValueError, RecursionError) as error:
        raise Refused(str(error) or type(error).__name__) from error
    if (case.report is None) == (case.reports is None):
        raise Refused("give either `report` or `reports`")
    if not case.deliveries:
        raise Refused("`reports` is empty: there is nothing to decide")
    _unique("a record", [record.uuid for record in case.records])
    for report in case.deliveries:
        _unique(f"a VM of host {report.host!r}", [vm.uuid for vm in report.vms])
    return case


def case_name(line: bytes) -> object:
    """The `case` of a line that may be no case at all, for its error; None where there is none."""
    try:
        return msgspec.convert(json.loads(line), _Named).case
    except (ValueError, RecursionError):
        return None


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    case: object = None


def _unique(what: str, uuids: list[UUID]) -> None:
    if len(set(uuids)) < len(uuids):
        raise Refused(f"the uuid of {what} stands there twice")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
