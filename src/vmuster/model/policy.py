"""Every limit and choice, with its unit and its reason, in one place."""

from typing import Annotated, Final

import msgspec

from vmuster.model.states import Drift, OperationKind, Restart, UnknownVms

Seconds = Annotated[float, msgspec.Meta(ge=0.1, le=604_800.0)]
"""A pace or a patience: a tenth of a second to a week. Zero would be a busy loop (F84)."""
Pause = Annotated[float, msgspec.Meta(ge=0.0, le=604_800.0)]
"""A pause, which may be none; at most a week."""
Limit = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
"""How many at most; 0 holds all."""
Reports = Annotated[int, msgspec.Meta(ge=1, le=1_000)]

Percent = Annotated[int, msgspec.Meta(ge=1, le=100)]

WINDOW_SECONDS: Final = 600.0
"""Over which automatic acts are added up. Ten minutes: longer than any burst of passes."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What a cluster's hosts are held to. The defaults harm nothing."""

    unknown_vms: UnknownVms = UnknownVms.LEAVE
    """What may happen to VMs without a record. `leave`: nothing, unless a person says so;
    `stop-by-mark`: those that we deleted and that are back are stopped; `stop-by-name`: also those
    without a mark that have a name of ours."""
    drift: Drift = Drift.RECORD
    """Who wins where a VM of ours was started or stopped outside. `record`: reality, for a control
    plane that fights its operators loses them; `enforce`: what was asked for."""
    restart: Restart = Restart.NEVER
    """Whether a VM that crashed is started again. Off until asked for."""
    track_host_change: bool = True
    """Whether the record follows a VM that was moved by hand."""
    seen_before_stop: Reports = 2
    """COMPLETE reports in a row. One is one moment; two make an accident of timing unlikely."""
    stops_per_pass_max: Limit = 10
    """Automatic stops in one pass; above it the plan is held for a person (L8)."""
    starts_per_pass_max: Limit = 10
    """Automatic starts in one pass; above it the plan is held for a person (L8)."""
    stops_per_window_max: Limit = 20
    """Automatic stops on a host within `WINDOW_SECONDS`: what small passes add up to."""
    starts_per_window_max: Limit = 20
    """Automatic starts on a host within `WINDOW_SECONDS`."""
    cluster_stops_per_window_max: Limit = 50
    """Automatic stops in the whole cluster within `WINDOW_SECONDS`."""
    cluster_starts_per_window_max: Limit = 100
    """Automatic starts in the whole cluster within `WINDOW_SECONDS`."""
    approval_seconds: Seconds = 900.0
    """How long a person's approval of a held plan holds: the VMs change while nobody looks."""
    suspect_after_seconds: Seconds = 90.0
    """Without a report, or an answer of its hypervisor: SUSPECT. Three reports may be lost."""
    unreachable_after_seconds: Seconds = 300.0
    """Without any sign of life: UNREACHABLE. Its VMs keep their last state, with its age."""
    steady_seconds: Pause = 60.0
    """How long a host that was lost must be well before it is UP; doubled with every flap."""
    heartbeat_seconds: Seconds = 10.0
    """Between two signs of life of an agent, which no look delays."""
    dark_percent_max: Percent = 20
    """Hosts of the cluster that are not UP at once, above which (and `DARK_HOSTS_MIN`) nothing is
    done automatically in it: then it is more likely our own network."""
    quiet_seconds: Pause = 300.0
    """No automatic act for this long after a server start: first look, then judge."""
    confirm_after_seconds: Seconds = 10.0
    """An unknown VM in a PARTIAL report: COMPLETE ones are asked for at once and after this."""
    report_seconds: Seconds = 30.0
    """Between COMPLETE reports of one host. An event brings a PARTIAL one sooner."""
    stop_grace_seconds: Pause = 120.0
    """How long a guest is given to obey an ACPI shutdown."""
    operation_seconds: Seconds = 300.0
    """How long an operation may stay in flight before it is settled by what is seen; the grace of
    a guest that is asked to stop comes on top."""
    restart_tries_max: Limit = 3
    """Starts after crashes without a good run between; then FAILED and an alert."""
    restart_backoff_seconds: Pause = 30.0
    """Between the first try, which is made at once, and the second; doubled each time."""

    def patience(self, kind: OperationKind, *, force: bool = False) -> float:
        """How long an operation of this kind may stay in flight, in seconds.

        A guest may use up its whole grace; an order that were too old by then would never end it.
        """
        asks = kind is OperationKind.STOP and not force
        return self.operation_seconds + (self.stop_grace_seconds if asks else 0.0)


DARK_HOSTS_MIN: Final = 3
"""Fewer hosts than these that are not UP never open the breaker: a small cluster has bad days."""


class FleetPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole fleet is held to, whatever its clusters allow."""

    stops_per_window_max: Limit = 100
    """Automatic stops in the fleet within `WINDOW_SECONDS`."""
    starts_per_window_max: Limit = 200
    """Automatic starts in the fleet within `WINDOW_SECONDS`."""
    dark_percent_max: Percent = 30
    """Hosts of the fleet that are not UP at once, above which nothing is done automatically."""


def allowed_values(setting: str, kind: type[Policy | FleetPolicy] = Policy) -> str:
    """What a setting of the policy may be, in words; its default stands in brackets.

    Raises `KeyError` where there is no such setting.
    """
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    default = fields[setting].default
    match msgspec.inspect.type_info(fields[setting].type):
        case msgspec.inspect.EnumType(cls=choices):
            values = ", ".join(member.value for member in choices)
        case msgspec.inspect.BoolType():
            values, default = "true, false", str(default).lower()
        case msgspec.inspect.IntType(ge=least, le=most):
            values = f"a whole number from {least} to {most}"
        case msgspec.inspect.FloatType(ge=least, le=most):
            values = f"seconds, from {least:g} to {most:g}"
        case other:
            raise TypeError(f"{setting} is of a type that nobody described: {other}")
    return f"{values} [{default}]"
