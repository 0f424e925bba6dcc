"""Bugs of judgement: what a pass, or the silence of a host, is taken to say of a VM."""

from typing import Any, Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.operations import Operation
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import (
    CommandOutcome,
    DesiredState,
    HostHealth,
    OperationKind,
    PowerState,
    VmPhase,
)
from vmuster.model.vm import VmObservation, VmRecord
from vmuster.reconcile.classify import LEFT, PAUSED, TABLE, TRAVELS, UNKNOWN, Row, Seen
from vmuster.reconcile.moves import Move
from vmuster.reconcile.pairing import Pair
from vmuster.reconcile.recorded import Recorded
from vmuster.server.paging import find_all
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.layers import LAYERS, unconfirmed
from vmuster.sim.planted.patch import patch, without

_ABSENT: Final = "vmuster.reconcile.decide:absent"
_CLASSIFY: Final = "vmuster.reconcile.decide:classify"
_MOVE: Final = "vmuster.reconcile.decide:move"
_PAIRED: Final = "vmuster.reconcile.pairing:Pair"
_CLEARANCES: Final = "vmuster.reconcile.ownership:CLEARANCE_CHECKS"


def _by_one_list(before: Any) -> Any:
    """One list without it is enough, and nobody has to confirm it."""

    def absent(pair: Pair, recorded: Recorded, report: HostReport, policy: Policy) -> Any:
        said = msgspec.structs.replace(report, absent=(*report.absent, pair.uuid))
        hasty = msgspec.structs.replace(policy, seen_before_stop=1)
        return before(pair, recorded, said, hasty)

    return absent


def _not_at_home(before: Any) -> Any:
    """Any host that lacks it speaks for its home."""

    def absent(pair: Pair, recorded: Recorded, report: HostReport, policy: Policy) -> Any:
        if pair.record is None or not pair.record.live:
            return before(pair, recorded, report, policy)
        here = msgspec.structs.replace(pair.record, host=recorded.host.id)
        alone = msgspec.structs.replace(pair, record=here, elsewhere=())
        return before(alone, recorded, report, policy)

    return absent


def _forgetful(before: Any) -> Any:
    """As if a VM that is missing had been let go."""

    def transition(*given: Any) -> Any:
        change: Any = before(*given)
        if change is None or change.after is None or change.after.phase is not VmPhase.MISSING:
            return change
        return msgspec.structs.replace(change, after=None)

    return transition


def _stopped_where(rows: tuple[Row, ...]) -> Any:
    """What is one of these rows is taken for plainly stopped."""

    def make(before: Any) -> Any:
        def classified(record: VmRecord, seen: VmObservation, report: HostReport) -> Any:
            found = before(record, seen, report)
            return TABLE[record.desired, Seen.STOPPED_UNEXPLAINED] if found in rows else found

        return classified

    return make


def _follows_at_once(_before: Any) -> Any:
    def move(pair: Pair, report: HostReport, policy: Policy) -> Move:  # noqa: ARG001
        return Move(follows=True, why="it was seen here: the record follows")

    return move


def _restarted_elsewhere(before: Any) -> Any:
    """A stopped copy of what should run is where it is started, whatever its home is at."""

    def move(pair: Pair, report: HostReport, policy: Policy) -> Move:
        wanted = pair.record is not None and pair.record.desired is DesiredState.RUNNING
        if wanted and pair.seen is not None and not pair.seen.active:
            return Move(follows=True, why="it should run, and its home does not say that it does")
        return before(pair, report, policy)

    return move


def _silence_stops(before: Any) -> Any:
    """A round of the sweep, after which the VMs of a host that is lost are recorded as stopped."""

    async def judge(self: Any, hosts: Any, clusters: Any) -> Any:
        after = await before(self, hosts, clusters)
        for host in after:
            if host.health is HostHealth.UNREACHABLE:
                records = await find_all(self._context.store, VmRecord, host=host.id)
                await self._commit([_stopped(record) for record in records if record.live])
        return after

    return judge


def _stopped(record: VmRecord) -> Changes:
    after = msgspec.structs.replace(record, power=PowerState.STOPPED, phase=VmPhase.STOPPED)
    return Changes(writes=(Write(before=record, after=after),))


_MEANT: Final = {
    OperationKind.STOP: (PowerState.STOPPED, VmPhase.STOPPED),
    OperationKind.START: (PowerState.RUNNING, VmPhase.RUNNING),
}


def _word_is_deed(before: Any) -> Any:
    """Whatever was not refused is done, and the record says so."""

    async def settled(context: Any, moved: tuple[Write, ...]) -> Any:
        for write in moved:
            said = write.after
            if isinstance(said, Operation) and _believed(said):
                record = await context.store.get(VmRecord, said.vm)
                power, phase = _MEANT[said.kind]
                after = msgspec.structs.replace(record, power=power, phase=phase)
                return (Write(before=record, after=after),)
        return await before(context, moved)

    return settled


def _believed(said: Operation) -> bool:
    return said.kind in _MEANT and not said.message.startswith(CommandOutcome.REFUSED.value)


CONCLUDING: Final = (
    Planted(
        name="a-missing-vm-is-forgotten",
        what="The record of a VM that is missing is dropped, and nobody has asked for it.",
        laws=("L9",),
        patches=(patch("vmuster.reconcile.engine:transition", _forgetful),),
    ),
    Planted(
        name="one-list-without-it-is-enough",
        what="A VM that one whole list lacks is missing.",
        laws=("L6",),
        patches=(patch(_ABSENT, _by_one_list),),
    ),
    Planted(
        name="absence-is-not-confirmed",
        what="Enough whole lists without a VM make it missing, whatever the witness says.",
        laws=("L6",),
        patches=(patch(_ABSENT, unconfirmed),),
    ),
    Planted(
        name="any-host-speaks-for-the-home",
        what="That a host lacks a VM is taken for its absence at its home.",
        laws=("L6",),
        patches=(patch(_ABSENT, _not_at_home),),
    ),
    Planted(
        name="paused-is-taken-for-stopped",
        what="A VM that is paused is recorded as stopped.",
        laws=("L6",),
        patches=(patch(_CLASSIFY, _stopped_where((PAUSED, TRAVELS))),),
    ),
    Planted(
        name="unknown-is-taken-for-stopped",
        what="A VM of which nobody can tell whether it runs is recorded as stopped.",
        laws=("L6",),
        patches=(patch(_CLASSIFY, _stopped_where((UNKNOWN,))),),
        off=("the second opinion",),
    ),
    Planted(
        name="a-vm-that-left-is-taken-for-stopped",
        what="A VM that left by a migration is started where it was.",
        laws=("L2",),
        patches=(
            patch(_CLASSIFY, _stopped_where((LEFT,))),
            without(_CLEARANCES, "it left this host by a migration, and may run where it went"),
        ),
        off=(
            "the second opinion",
            "the sightings of other hosts",
            "the guard's look at the VM's state",
        ),
        shape="moves",
    ),
    Planted(
        name="other-hosts-are-not-looked-at",
        what="A VM is started and stopped without regard to copies of it on other hosts.",
        laws=("L1", "L2"),
        patches=LAYERS["the sightings of other hosts"].patches,
        off=("the second opinion",),
        shape="copies",
    ),
    Planted(
        name="a-record-follows-at-once",
        what="A record follows to wherever its VM is seen; its home is not asked.",
        laws=("L1", "L2", "L7"),
        patches=(patch(_MOVE, _follows_at_once),),
        off=("the second opinion", "the sightings of other hosts"),
        shape="copies",
    ),
    Planted(
        name="a-vm-is-started-elsewhere",
        what="A VM whose home is silent is started where a stopped copy of it is.",
        laws=("L2",),
        patches=(patch(_MOVE, _restarted_elsewhere),),
        off=("the second opinion", "the sightings of other hosts"),
        shape="copies",
    ),
    Planted(
        name="silence-is-taken-for-stopped",
        what="When a host is lost, its VMs are recorded as stopped.",
        laws=("L6",),
        patches=(patch("vmuster.server.watch.sweep:Sweep._judge", _silence_stops),),
    ),
    Planted(
        name="a-command-moves-the-record",
        what="A command that was not refused is taken for done, and the record says so at once.",
        laws=("L6",),
        patches=(patch("vmuster.server.talks.results:_settled", _word_is_deed),),
    ),
)
