"""A decision in the making: the conclusion is drawn, but what may follow is not yet bounded."""

import msgspec

from vmuster.model.commands import Command
from vmuster.model.ids import HostId
from vmuster.model.operations import Operation
from vmuster.model.states import Finding, Standing
from vmuster.reconcile.lifecycle import PhaseEvent
from vmuster.reconcile.pairing import Pair


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is concluded about one VM, and what is proposed.

    `event`, `follows` and `host` say how its record moves; `restores`: it becomes what it
    was before the operation (see `inflight.Flight`).
    `command` is a proposal: limits may withhold it when `operation` is automatic. `note` says why
    something that the rule asks for is not proposed. `ask`: the host that must look first;
    `wants_complete`: a COMPLETE report of this host would settle the matter.
    """

    pair: Pair
    standing: Standing | None
    finding: Finding
    rule: str
    why: str
    event: PhaseEvent | None = None
    follows: bool = False
    host: HostId | None = None
    restores: bool = False
    absent_reports: int = 0
    command: Command | None = None
    operation: Operation | None = None
    note: str = ""
    ask: HostId | None = None
    wants_complete: bool = False
    alert: bool = False

    @property
    def automatic(self) -> bool:
        """Whether it proposes a command that no person asked for."""
        return self.command is not None and self.command.automatic
