"""The moment of a deed: the order, the VM as it is, and what the agent knows."""

from uuid import UUID

import msgspec

from vmuster.model.commands import Command, HomeClearance, MarkVm, StartVm, StopVm, UnmarkVm
from vmuster.model.host import NameGrant
from vmuster.model.mark import RawMark
from vmuster.model.messages import Settings
from vmuster.model.permits import LiveVm


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """All that a permit is judged by: the order, the VM as it is now, and what the agent knows.

    `age_seconds`: since the order was received, by the agent's own monotonic clock. `process`:
    whether a witness sees a process of the VM; None where there is no way to tell. `runs_in`: which
    process it runs in (`Witness.process`); empty where there is no way to tell. `asked`: the run,
    by either of its names (`LiveVm.run`, `runs_in`), that was asked to shut down and has had its
    grace; None where none has.
    """

    command: Command
    live: LiveVm
    settings: Settings
    epoch: int
    age_seconds: float
    process: bool | None
    runs_in: str = ""
    asked: str | None = None

    @property
    def grant(self) -> NameGrant | None:
        """The person's grant that the order rests on."""
        return self.command.proof.grant if isinstance(self.command, StopVm) else None

    @property
    def expected_mark(self) -> RawMark | None:
        """The mark that was seen when the order was decided."""
        match self.command:
            case StopVm() | UnmarkVm():
                return self.command.proof.mark
            case StartVm():
                clearance = self.command.clearance
                return clearance.mark if isinstance(clearance, HomeClearance) else None
            case MarkVm():
                return self.command.replaces

    @property
    def evidence(self) -> tuple[str, UUID] | None:
        """The host and the VM that the order's evidence is about; None where it is not of a home.

        A mark to be written is its own evidence, and has a check of its own.
        """
        match self.command:
            case StopVm() | UnmarkVm():
                return self.command.proof.host, self.command.proof.vm
            case StartVm():
                clearance = self.command.clearance
                home = isinstance(clearance, HomeClearance)
                return (clearance.host, clearance.vm) if home else None
            case MarkVm():
                return None
