"""One VM of a simulated hypervisor, as its daemon knows it."""

from dataclasses import dataclass
from typing import Final

from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.states import PowerReason, PowerState

_ACTIVE: Final = frozenset({PowerState.RUNNING, PowerState.PAUSED})


@dataclass(kw_only=True)
class Domain:
    """One VM, as its daemon knows it. Active, `live_mark` counts and `run` names the process."""

    uuid: VmUuid
    name: str
    power: PowerState = PowerState.STOPPED
    reason: PowerReason = PowerReason.UNKNOWN
    persistent: bool = True
    saved: bool = False
    frozen: bool = False
    deaf: bool = False
    live_mark: RawMark | None = None
    config_mark: RawMark | None = None
    run: int = 0

    @property
    def active(self) -> bool:
        """Whether the daemon holds it for running or paused."""
        return self.power in _ACTIVE

    @property
    def mark(self) -> RawMark | None:
        """The mark that counts now."""
        return self.live_mark if self.active else self.config_mark
