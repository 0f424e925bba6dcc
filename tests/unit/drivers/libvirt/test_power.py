"""The table of power states is total over libvirt's own enums."""

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import pytest

from vmuster.drivers.libvirt.power import power_of
from vmuster.model.states import PowerReason, PowerState

STATES = {
    "NOSTATE": ({PowerState.UNKNOWN}, "NOSTATE"),
    "RUNNING": ({PowerState.RUNNING}, "RUNNING"),
    "BLOCKED": ({PowerState.RUNNING}, "BLOCKED"),
    "PAUSED": ({PowerState.PAUSED}, "PAUSED"),
    "SHUTDOWN": ({PowerState.RUNNING}, "SHUTDOWN"),
    "SHUTOFF": ({PowerState.STOPPED, PowerState.CRASHED}, "SHUTOFF"),
    "CRASHED": ({PowerState.CRASHED}, "CRASHED"),
    "PMSUSPENDED": ({PowerState.PAUSED}, "PMSUSPENDED"),
}
REASONS = [
    (state, name)
    for state in STATES
    for name in vars(libvirt)
    if name.startswith(f"VIR_DOMAIN_{state}_") and not name.endswith("_LAST")
]


def constant(name: str) -> int:
    value = getattr(libvirt, name)
    assert isinstance(value, int)
    return value


@pytest.mark.parametrize(("state", "reason"), REASONS)
def test_every_reason_of_a_state_keeps_to_that_state(state: str, reason: str) -> None:
    power, word = power_of(constant(f"VIR_DOMAIN_{state}"), constant(reason))
    assert power in STATES[state][0]
    assert (power is PowerState.CRASHED) == (word is PowerReason.CRASHED) or state == "PAUSED"


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        ("SHUTOFF", "SHUTDOWN", (PowerState.STOPPED, PowerReason.GUEST)),
        ("SHUTOFF", "DESTROYED", (PowerState.STOPPED, PowerReason.HAND)),
        ("SHUTOFF", "CRASHED", (PowerState.CRASHED, PowerReason.CRASHED)),
        ("SHUTOFF", "SAVED", (PowerState.STOPPED, PowerReason.SAVED)),
        ("SHUTOFF", "MIGRATED", (PowerState.STOPPED, PowerReason.MIGRATED)),
        ("SHUTOFF", "FAILED", (PowerState.STOPPED, PowerReason.FAILED)),
        ("SHUTOFF", "FROM_SNAPSHOT", (PowerState.STOPPED, PowerReason.SNAPSHOT)),
        ("SHUTOFF", "UNKNOWN", (PowerState.STOPPED, PowerReason.UNKNOWN)),
        ("SHUTOFF", "DAEMON", (PowerState.STOPPED, PowerReason.UNKNOWN)),
        ("PAUSED", "MIGRATION", (PowerState.PAUSED, PowerReason.MIGRATING)),
        ("PAUSED", "IOERROR", (PowerState.PAUSED, PowerReason.IO_ERROR)),
        ("PAUSED", "USER", (PowerState.PAUSED, PowerReason.HAND)),
        ("PAUSED", "POSTCOPY_FAILED", (PowerState.PAUSED, PowerReason.UNKNOWN)),
        ("RUNNING", "MIGRATED", (PowerState.RUNNING, PowerReason.MIGRATED)),
    ],
)
def test_reasons_that_decide(
    state: str, reason: str, expected: tuple[PowerState, PowerReason]
) -> None:
    state_number = constant(f"VIR_DOMAIN_{state}")
    assert power_of(state_number, constant(f"VIR_DOMAIN_{state}_{reason}")) == expected


def test_a_reason_of_the_future_is_an_unknown_reason() -> None:
    assert power_of(libvirt.VIR_DOMAIN_SHUTOFF, 99) == (PowerState.STOPPED, PowerReason.UNKNOWN)


def test_a_state_of_the_future_is_no_information() -> None:
    assert power_of(99, 0) == (PowerState.UNKNOWN, PowerReason.UNKNOWN)
