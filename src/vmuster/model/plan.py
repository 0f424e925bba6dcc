"""What a pass decides: values only, nothing done yet."""

from typing import Final

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import Command
from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.operations import Operation
from vmuster.model.states import Finding, Standing
from vmuster.model.text import visible
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


class TooNew(msgspec.Struct, frozen=True, kw_only=True):
    """A VM that bears a good mark of ours which our database can't have given; and why not."""

    vm: VmUuid
    name: str
    generation: int
    why: str

    @property
    def words(self) -> str:
        """The evidence in one line."""
        return f"{visible(self.name)} ({self.vm}): {self.why}"


class Unrest(msgspec.Struct, frozen=True):
    """That nothing on a host may be left alone. No set of VMs, so that nobody takes it for none."""


UNREST: Final = Unrest()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All decisions of one pass.

    `held` says why automatic commands of this plan wait for a person; they stand in
    `held_commands` then, and no decision carries them. `refused` says why the report was not
    admitted: then everything else is empty. `violations`: laws that this plan broke
    (see `reconcile/laws.py`); the offending commands were taken out. `hold_after`: the host's held
    plan as it shall stand (`Recorded.hold` is how it stood). `too_new`: what this report shows
    that is newer than the database; where there is any, nothing of the plan is sent, and the fleet
    goes into quarantine. `restless`: of the VMs that this pass judged, those at which another must
    look even where the host's account is the same; see `reconcile/rest.py`.
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
    hold_after: HeldPlan | None = None
    too_new: tuple[TooNew, ...] = ()
    restless: frozenset[VmUuid] | Unrest = UNREST

    @property
    def newest(self) -> int:
        """The highest number of ours among what is too new; 0 where nothing is."""
        return max((found.generation for found in self.too_new), default=0)

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands that this plan sends."""
        return tuple(d.command for d in self.decisions if d.command is not None)

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """The record changes that this plan makes."""
        return tuple(d.transition for d in self.decisions if d.transition is not None)
