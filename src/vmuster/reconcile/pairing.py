"""Each VM of a report beside all that we know of it.

Identity is the hypervisor's uuid. The name plays no part: matching by name is how the incident
this project comes from happened.
"""

import msgspec

from vmuster.model.ids import VmUuid
from vmuster.model.mark import NO_MARK, MarkJudgement
from vmuster.model.operations import Operation
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, MarkVerdict, PowerState, Standing
from vmuster.model.vm import Sighting, VmObservation, VmRecord
from vmuster.reconcile.recorded import Recorded


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One VM: what was seen of it now (None: nothing), and what is known of it.

    `copies` are the good-marked sightings of the same uuid on other hosts. `lost`: all the VMs for
    which this report does not account (see `unaccounted`), the same for every pair of a pass.
    """

    uuid: VmUuid
    seen: VmObservation | None
    record: VmRecord | None
    judgement: MarkJudgement
    here: Sighting | None
    elsewhere: tuple[Sighting, ...]
    operation: Operation | None
    lost: frozenset[VmUuid]

    @property
    def name(self) -> str:
        """The name it goes by: the one seen, else the one remembered."""
        if self.seen is not None:
            return self.seen.name
        return self.record.label if self.record is not None else self.here.name if self.here else ""

    @property
    def copies(self) -> tuple[Sighting, ...]:
        """Sightings of the same uuid with a good mark on other hosts."""
        return tuple(s for s in self.elsewhere if s.mark is MarkVerdict.OURS and not s.absent)

    @property
    def left(self) -> tuple[Sighting, ...]:
        """Of the other hosts that lack it now, those on which a process of it may be left."""
        return tuple(s for s in self.elsewhere if s.absent and not s.absence_confirmed)


def pair(recorded: Recorded, report: HostReport) -> list[Pair]:
    """The VMs of the report in its order; then, for a COMPLETE one, those it ought to have shown.

    A PARTIAL report is silent about what it does not name, and so are we, but for the VMs that it
    says are absent, or held.
    """
    lost = unaccounted(recorded, report)
    pairs = [_pair(recorded, seen.uuid, seen, lost) for seen in report.vms]
    expected = at_home(recorded) | recorded.here.keys()
    if report.completeness is Completeness.PARTIAL:
        expected &= {*report.absent, *report.held}
    unseen = expected - {seen.uuid for seen in report.vms}
    return pairs + [_pair(recorded, uuid, None, lost) for uuid in sorted(unseen)]


def at_home(recorded: Recorded) -> set[VmUuid]:
    """The uuids of the live records that say this host."""
    return {u for u, r in recorded.records.items() if r.live and r.host == recorded.host.id}


def unaccounted(recorded: Recorded, report: HostReport) -> frozenset[VmUuid]:
    """The VMs that were here, where a COMPLETE report is empty and does not account for them.

    Accounted for is a VM that is confirmed absent or held, that an earlier look here did not find
    (its sighting says so), or that was seen active on another host since it was last seen here.
    While one is not, the empty list is no information, and the host is asked for each of them by
    name.
    """
    named = report.vms or recorded.others
    if report.completeness is not Completeness.COMPLETE or named:
        return frozenset()
    missed = {u for u, s in recorded.here.items() if s.absent}
    moved = {
        uuid
        for uuid, copies in recorded.elsewhere.items()
        if any(c.active and _later(c, recorded.here.get(uuid)) for c in copies)
    }
    expected = at_home(recorded) | recorded.here.keys()
    return frozenset(expected - missed - moved - {*report.absent, *report.held})


def _later(copy: Sighting, here: Sighting | None) -> bool:
    """Whether the look at `copy` began after the VM was seen here, if it was."""
    return here is None or copy.asked_after >= here.taken_in


def may_be_left(here: Sighting, record: VmRecord | None) -> bool:
    """Whether a process of a VM may be left on this host, not its home, once a look lacks it: what
    was seen is kept until its absence is confirmed, and till then it is started nowhere (L2).

    Of a VM of ours that is so whether it ran or not. Without a live record it has no home; ours is
    then what bore our mark when it was seen, and what is absent already. A stranger counts where it
    ran when it was last seen. Who adopts it on another host, or releases it here before that, would
    else do away with the evidence that it may still run on this one.
    """
    if record is not None and record.live:
        return record.host != here.host
    return here.absent or here.mark is MarkVerdict.OURS or here.may_run


def duplicated(pair: Pair, recorded: Recorded, report: HostReport) -> bool:
    """Whether it is active on two hosts, each looked at after the other's sighting was taken in.

    There is no clock between hosts. The server's intake numbers order the looks: this look began
    after `report.asked_after` was known, the other one after its own `asked_after`. What stood so
    stays so while nobody can tell whether one of the two has ended.
    """
    seen, here = pair.seen, pair.here
    if seen is None:
        return False
    untold = here is not None and seen.power is PowerState.UNKNOWN and _was_one_of_two(here)
    if not seen.active and not untold:
        return False
    since = here.active_since if here is not None and (here.active or untold) else recorded.intake
    return any(
        (other.active or _was_one_of_two(other))
        and report.asked_after >= other.active_since
        and other.asked_after >= since
        for other in pair.copies
    )


def _was_one_of_two(sighting: Sighting) -> bool:
    return sighting.may_run and sighting.standing is Standing.DUPLICATE


def _pair(
    recorded: Recorded, uuid: VmUuid, seen: VmObservation | None, lost: frozenset[VmUuid]
) -> Pair:
    return Pair(
        uuid=uuid,
        seen=seen,
        record=recorded.records.get(uuid),
        judgement=recorded.marks.get(uuid, NO_MARK),
        here=recorded.here.get(uuid),
        elsewhere=recorded.elsewhere.get(uuid, ()),
        operation=_operation(recorded, uuid),
        lost=lost,
    )


def _operation(recorded: Recorded, uuid: VmUuid) -> Operation | None:
    """The operation that this pass may judge: one on a VM whose home is this host.

    A copy seen on another host says nothing of what was asked for at home. Where no live record
    names a home, the operation itself does.
    """
    operation, record = recorded.operations.get(uuid), recorded.records.get(uuid)
    if operation is None:
        return None
    home = record.host if record is not None and record.live else None
    return operation if (home or operation.host) == recorded.host.id else None
