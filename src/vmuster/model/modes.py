"""Which act is allowed in which mode of a host: one table, total by test."""

from vmuster.model.states import Act, HostMode

ALLOWED: dict[Act, frozenset[HostMode]] = {
    Act.LOOK: frozenset(HostMode),
    Act.ADOPT: frozenset({HostMode.MANAGE, HostMode.CORDONED}),
    Act.RELEASE: frozenset({HostMode.MANAGE, HostMode.CORDONED, HostMode.MAINTENANCE}),
    Act.START: frozenset({HostMode.MANAGE, HostMode.CORDONED}),
    Act.STOP: frozenset({HostMode.MANAGE, HostMode.CORDONED, HostMode.MAINTENANCE}),
    Act.AUTOMATIC: frozenset({HostMode.MANAGE}),
}


def allows(mode: HostMode, act: Act) -> bool:
    """Whether `act` may be done on a host in `mode`."""
    return mode in ALLOWED[act]
