"""libvirt's states and reasons in our words: one table, total by test.

A reason that is not in the table is a reason we do not know, never a guess; a state that is not
in it is no information.
"""

from typing import Final

import libvirt

from vmuster.model.states import PowerReason, PowerState

Power = tuple[PowerState, PowerReason]

_PAUSED_API_ERROR: Final = 14
"""Newer than the oldest libvirt we work with, whose binding has no name for it."""

_PLAIN: Final[dict[int, Power]] = {
    libvirt.VIR_DOMAIN_NOSTATE: (PowerState.UNKNOWN, PowerReason.UNKNOWN),
    libvirt.VIR_DOMAIN_RUNNING: (PowerState.RUNNING, PowerReason.UNKNOWN),
    libvirt.VIR_DOMAIN_BLOCKED: (PowerState.RUNNING, PowerReason.UNKNOWN),
    libvirt.VIR_DOMAIN_PAUSED: (PowerState.PAUSED, PowerReason.UNKNOWN),
    libvirt.VIR_DOMAIN_SHUTDOWN: (PowerState.RUNNING, PowerReason.UNKNOWN),
    libvirt.VIR_DOMAIN_SHUTOFF: (PowerState.STOPPED, PowerReason.UNKNOWN),
    libvirt.VIR_DOMAIN_CRASHED: (PowerState.CRASHED, PowerReason.CRASHED),
    libvirt.VIR_DOMAIN_PMSUSPENDED: (PowerState.PAUSED, PowerReason.GUEST),
}

_BY_REASON: Final[dict[tuple[int, int], Power]] = {
    (state, reason): (power, word)
    for state, power, words in (
        (
            libvirt.VIR_DOMAIN_RUNNING,
            PowerState.RUNNING,
            {
                libvirt.VIR_DOMAIN_RUNNING_MIGRATED: PowerReason.MIGRATED,
                libvirt.VIR_DOMAIN_RUNNING_POSTCOPY: PowerReason.MIGRATED,
                libvirt.VIR_DOMAIN_RUNNING_FROM_SNAPSHOT: PowerReason.SNAPSHOT,
            },
        ),
        (
            libvirt.VIR_DOMAIN_PAUSED,
            PowerState.PAUSED,
            {
                libvirt.VIR_DOMAIN_PAUSED_USER: PowerReason.HAND,
                libvirt.VIR_DOMAIN_PAUSED_DUMP: PowerReason.HAND,
                libvirt.VIR_DOMAIN_PAUSED_MIGRATION: PowerReason.MIGRATING,
                libvirt.VIR_DOMAIN_PAUSED_POSTCOPY: PowerReason.MIGRATING,
                libvirt.VIR_DOMAIN_PAUSED_SAVE: PowerReason.SAVED,
                libvirt.VIR_DOMAIN_PAUSED_IOERROR: PowerReason.IO_ERROR,
                libvirt.VIR_DOMAIN_PAUSED_WATCHDOG: PowerReason.GUEST,
                libvirt.VIR_DOMAIN_PAUSED_SHUTTING_DOWN: PowerReason.GUEST,
                libvirt.VIR_DOMAIN_PAUSED_SNAPSHOT: PowerReason.SNAPSHOT,
                libvirt.VIR_DOMAIN_PAUSED_FROM_SNAPSHOT: PowerReason.SNAPSHOT,
                libvirt.VIR_DOMAIN_PAUSED_CRASHED: PowerReason.CRASHED,
                _PAUSED_API_ERROR: PowerReason.FAILED,
            },
        ),
        (
            libvirt.VIR_DOMAIN_SHUTOFF,
            PowerState.STOPPED,
            {
                libvirt.VIR_DOMAIN_SHUTOFF_SHUTDOWN: PowerReason.GUEST,
                libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED: PowerReason.HAND,
                libvirt.VIR_DOMAIN_SHUTOFF_SAVED: PowerReason.SAVED,
                libvirt.VIR_DOMAIN_SHUTOFF_MIGRATED: PowerReason.MIGRATED,
                libvirt.VIR_DOMAIN_SHUTOFF_FAILED: PowerReason.FAILED,
                libvirt.VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT: PowerReason.SNAPSHOT,
            },
        ),
        (
            libvirt.VIR_DOMAIN_SHUTOFF,
            PowerState.CRASHED,
            {libvirt.VIR_DOMAIN_SHUTOFF_CRASHED: PowerReason.CRASHED},
        ),
    )
    for reason, word in words.items()
}


def power_of(state: int, reason: int) -> Power:
    """What `virDomain.state()` says, in our words."""
    unheard_of = (PowerState.UNKNOWN, PowerReason.UNKNOWN)
    return _BY_REASON.get((state, reason)) or _PLAIN.get(state, unheard_of)
