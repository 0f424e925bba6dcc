"""Every limit and choice, with its unit and its reason, in one place."""

from typing import Annotated, Final

import msgspec

from vmuster.model.states import Drift, Restart, UnknownVms

Seconds = Annotated[float, msgspec.Meta(ge=0.1, le=604_800.0)]
"""A pace or a patience: a tenth of a second to a week. Zero would be a busy loop (F84)."""
Pause = Annotated[float, msgspec.Meta(ge=0.0, le=604_800.0)]
"""A pause, which may be none; at most a week."""
Limit = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
"""How many at most; 0 holds all."""
Reports = Annotated[int, msgspec.Meta(ge=1, le=1_000)]

STOP_WINDOW_SECONDS: Final = 600.0
"""Over which automatic stops are added up. Ten minutes: longer than any burst of passes."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What a cluster's hosts are held to. The defaults harm nothing."""

    unknown_vms: UnknownVms = UnknownVms.LEAVE
    """What may happen to VMs without a record. `leave`: nothing, unless a person says so."""
    drift: Drift = Drift.RECORD
    """Reality wins by default: a control plane that fights its operators loses them."""
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
    """Automatic stops on a host within `STOP_WINDOW_SECONDS`: what small passes add up to."""
    quiet_seconds: Pause = 300.0
    """No automatic act for this long after a server start: first look, then judge."""
    confirm_after_seconds: Seconds = 10.0
    """An unknown VM in a PARTIAL report: COMPLETE ones are asked for at once and after this."""
    report_seconds: Seconds = 30.0
    """Between COMPLETE reports of one host. An event brings a PARTIAL one sooner."""
    stop_grace_seconds: Pause = 120.0
    """How long a guest is given to obey an ACPI shutdown."""
    operation_seconds: Seconds = 300.0
    """How long an operation may stay in flight before it is settled by what is seen."""
    restart_tries_max: Limit = 3
    """Starts after crashes without a good run between; then FAILED and an alert."""
    restart_backoff_seconds: Pause = 30.0
    """Before the first restart; doubled each time."""


def allowed_values(setting: str) -> str:
    """What a setting of the policy may be, in words; its default stands in brackets.

    Raises `KeyError` where there is no such setting.
    """
    fields = {field.name: field for field in msgspec.structs.fields(Policy)}
    default = fields[setting].default
    match msgspec.inspect.type_info(fields[setting].type):
        case msgspec.inspect.EnumType(cls=kind):
            values = ", ".join(member.value for member in kind)
        case msgspec.inspect.BoolType():
            values, default = "true, false", str(default).lower()
        case msgspec.inspect.IntType(ge=least, le=most):
            values = f"a whole number from {least} to {most}"
        case msgspec.inspect.FloatType(ge=least, le=most):
            values = f"seconds, from {least:g} to {most:g}"
        case other:
            raise TypeError(f"{setting} is of a type that nobody described: {other}")
    return f"{values} [{default}]"
