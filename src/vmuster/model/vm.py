"""VMs: what a hypervisor showed, what we remember of showings, and what we recorded."""

from typing import Annotated, Final

import msgspec

from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.mark import RawMark, parse_mark
from vmuster.model.names import VmKind
from vmuster.model.states import (
    DesiredState,
    MarkVerdict,
    PowerReason,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.text import NAME_CHARACTERS_MAX

_STRANGE: Final = frozenset({Standing.ALIEN, Standing.LOOKALIKE})


class VmObservation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One VM as its hypervisor showed it. `name` is untrusted text, bounded by the driver, and a
    message in which it is not is refused.
    """

    uuid: VmUuid
    name: Annotated[str, msgspec.Meta(max_length=NAME_CHARACTERS_MAX)]
    power: PowerState
    reason: PowerReason = PowerReason.UNKNOWN
    mark: RawMark | None = None

    @property
    def active(self) -> bool:
        """Whether it runs, or could run on at any moment; not while its memory travels."""
        return is_active(self.power, self.reason)


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """What we last saw of one uuid on one host; strangers are remembered as well as our own.

    `taken_in` and `asked_after` are numbers of the server's intake counter: this sighting was
    taken in as number `taken_in`, and its look began after number `asked_after` was known to the
    agent. They order looks at different hosts without any clock (L7). `active_since` is the
    intake number at which the present unbroken run of active sightings began, 0 when not active;
    it stays where nobody can tell whether that run has ended.
    `complete_reports` counts the COMPLETE reports in a row that showed it. `absent`: the host was
    looked at and did not have it; kept while a live record says that it lives there, and anywhere
    else, for a VM of ours and for a stranger that ran, until its absence is confirmed.
    `absence_confirmed`: the hypervisor said "no such domain", and a witness saw no process of it;
    or a person said that none is left.
    """

    host: HostId
    uuid: VmUuid
    name: str
    power: PowerState
    reason: PowerReason
    mark: MarkVerdict
    standing: Standing
    finding: str
    why: str
    complete_reports: int
    taken_in: int
    asked_after: int
    active_since: int
    first_seen_at: float
    last_seen_at: float
    raw_mark: RawMark | None = None
    absent: bool = False
    absence_confirmed: bool = False

    @property
    def active(self) -> bool:
        """As `VmObservation.active`; what is absent is not active."""
        return not self.absent and is_active(self.power, self.reason)

    @property
    def may_run(self) -> bool:
        """Whether it is active, or was and nobody can tell whether it has ended: that is no
        information, and never a kind of stopped."""
        return self.ran and not self.absent

    @property
    def ran(self) -> bool:
        """As `may_run`, of when it was seen last, be it absent since. (What is absent keeps no
        `active_since`.)"""
        untold = self.power is PowerState.UNKNOWN and (self.absent or self.active_since > 0)
        return untold or is_active(self.power, self.reason)

    @property
    def strange(self) -> bool:
        """Whether it was nothing to us when it was seen."""
        return self.standing in _STRANGE

    @property
    def mark_generation(self) -> int:
        """The generation of the good mark that was seen; 0 where there was none."""
        mark = parse_mark(self.raw_mark) if self.raw_mark is not None else None
        return mark.generation if mark is not None and self.mark is MarkVerdict.OURS else 0


class VmRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What we recorded of a VM that is ours. `removed_at` set: a tombstone.

    `name` is unique among live records; `label` is what the hypervisor calls the VM now.
    `mark_generation` is the generation of the mark we signed last; `generation` counts requests.
    `absent_reports`: COMPLETE reports in a row without it. `version` guards every write.
    """

    uuid: VmUuid
    name: str
    label: str
    kind: VmKind
    cluster: ClusterName
    host: HostId | None
    desired: DesiredState
    phase: VmPhase
    power: PowerState
    reason: PowerReason
    generation: int
    mark_generation: int
    protected: bool
    created_at: float
    changed_at: float
    seen_at: float
    boot_id: str = ""
    absent_reports: int = 0
    restart_tries: int = 0
    restart_after: float = 0.0
    removed_at: float | None = None
    version: int = 0

    @property
    def live(self) -> bool:
        """False for a tombstone."""
        return self.removed_at is None


def is_active(power: PowerState, reason: PowerReason) -> bool:
    """The one rule for 'active' (DESIGN section 6)."""
    return power is PowerState.RUNNING or (
        power is PowerState.PAUSED and reason is not PowerReason.MIGRATING
    )
