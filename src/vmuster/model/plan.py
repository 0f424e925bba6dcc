"""What a pass decides: values only, nothing done yet."""

import msgspec

from vmuster.model.commands import Command
from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.operations import Operation
from vmuster.model.states import Finding, Standing
from vmuster.model.vm import Sighting, VmRecord


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One guarded change of a record. `after` None: the record is dropped (a released VM)."""

    before: VmRecord
    after: VmRecord | None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What was concluded about one VM, by which rule, on what evidence, and what follows.

    `standing` is None for a VM that the report does not show. `operation` is the operation as it
    shall stand after this pass (a new automatic one, or a request that moves on).
    """

    uuid: VmUuid
    name: str
    standing: Standing | None
    finding: Finding
    rule: str
    why: str
    transition: Transition | None = None
    command: Command | None = None
    operation: Operation | None = None
    alert: bool = False


class LookWish(msgspec.Struct, frozen=True, kw_only=True):
    """A host that is asked to look again: at these VMs, or, where none is named, at all of them."""

    host: HostId
    vms: tuple[VmUuid, ...] = ()
    again_after_seconds: float = 0.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All decisions of one pass.

    `held` says why nothing automatic of this plan is carried out until a person approves;
    the commands then stand in `held_commands` and no decision carries one. `refused` says why the
    report was not admitted: then everything else is empty. `violations`: laws that this plan broke
    (see `reconcile/laws.py`); the offending commands were taken out.
    """

    host: Host
    host_after: Host | None = None
    decisions: tuple[Decision, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    gone: tuple[VmUuid, ...] = ()
    looks: tuple[LookWish, ...] = ()
    held: str = ""
    held_commands: tuple[Command, ...] = ()
    refused: str = ""
    violations: tuple[str, ...] = ()

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands that this plan sends."""
        return tuple(d.command for d in self.decisions if d.command is not None)

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """The record changes that this plan makes."""
        return tuple(d.transition for d in self.decisions if d.transition is not None)
