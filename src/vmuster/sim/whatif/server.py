"""The shipped server's intake, at recorded moments, over supposed rows.

It knows what the server of then knew beside its rows: how the hosts were, since when there was
calm, what each mark is, under which number each report was taken in, and which VMs its journal had
heard of. Nobody is talked to.
"""

import asyncio
from collections.abc import Container, Iterable, Sequence

from vmuster.model.changes import Changes
from vmuster.model.commands import Command
from vmuster.model.host import Fleet
from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.mark import NO_MARK, MarkJudgement
from vmuster.model.operations import AUTOMATIC
from vmuster.model.plan import LookWish, Plan
from vmuster.model.report import HostReport
from vmuster.model.states import MarkVerdict
from vmuster.model.vm import Sighting
from vmuster.ports.store import Store
from vmuster.reconcile.idle import Conditions
from vmuster.reconcile.passed import Given
from vmuster.server.context import Context
from vmuster.server.intake_numbers import IntakeNumbers
from vmuster.server.passes.intake import take_in
from vmuster.server.passes.judge import MarkJudge
from vmuster.server.passes.recording import Recorder, Unkept
from vmuster.server.secrets.signing import Signer
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.clock import SimClock
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.whatif.rows import Rows
from vmuster.sim.world.outside import SimKeyRing


class PastServer:
    """A server in `loop` that takes in what another one took in, over `rows`."""

    def __init__(self, loop: SimLoop, rows: Rows, chance: Chance) -> None:
        self._rows = rows
        self._chance = chance.stream("keys")
        self._clock = PastClock(loop, chance)
        self._context: _PastContext | None = None
        self._heard = set[VmUuid]()

    async def take_in(self, given: Given) -> Plan:
        """The plan that comes of the report of `given`; of what else is in that, only what no row
        says counts. It is written into the rows, unless it was refused."""
        await self._clock.go_to(given.at)
        await self._hear(given)
        context = self._informed(given)
        why = await take_in(context, _Nobody(), given.report)
        return context.plan or Plan(host=given.recorded.host, refused=why)

    def _informed(self, given: Given) -> "_PastContext":
        if self._context is None:
            signer = SimKeyRing(self._chance).signer
            self._context = _PastContext(given, self._rows, self._clock, signer)
        self._context.know(given)
        return self._context

    async def _hear(self, given: Given) -> None:
        """Have the journal know of the VMs that it knew of then."""
        recorded = given.recorded
        before = {(seen.uuid, seen.raw_mark) for seen in recorded.here.values()}
        before |= {(s.uuid, s.raw_mark) for each in recorded.elsewhere.values() for s in each}
        asked_about = {
            vm.uuid
            for vm in given.report.vms
            if recorded.marks.get(vm.uuid, NO_MARK).verdict is MarkVerdict.OURS
            and (vm.uuid, vm.mark) not in before
        }
        new = (recorded.records.keys() | asked_about) - recorded.unheard_of - self._heard
        self._heard |= new
        if new:
            entries = tuple(_heard_of(vm, given.at) for vm in sorted(new))
            await self._rows.commit((Changes(entries=entries),))


def _heard_of(vm: VmUuid, at: float) -> JournalEntry:
    """A request that was made, of which it is only known that there was one."""
    what = "it was asked for before"
    return JournalEntry(at=at, kind=EntryKind.REQUEST, actor=AUTOMATIC, what=what, vm=vm)


class PastClock(SimClock):
    """A clock that shows recorded moments, to the last digit."""

    def __init__(self, loop: SimLoop, chance: Chance) -> None:
        super().__init__(loop, chance)
        self._at: float | None = None

    def now(self) -> float:
        """The moment that it was set to."""
        return super().now() if self._at is None else self._at

    async def go_to(self, at: float) -> None:
        """Let time pass until this moment; it is set back without any passing."""
        before, self._at = self._at, at
        if before is not None and at > before:
            await asyncio.sleep(at - before)


class _PastContext(Context):
    """The context of a server that goes by what another one knew at the pass `given`. `plan`: what
    came of that pass, if it was applied."""

    def __init__(self, given: Given, store: Store, clock: PastClock, signer: Signer) -> None:
        super().__init__(store=store, clock=clock, fleet=given.fleet, signer=signer)
        self.plan: Plan | None = None
        self.recorder = _Keeper(self, store, clock)
        self.know(given)

    def know(self, given: Given) -> None:
        """Go by what was known at this pass."""
        self.plan = None
        self._conditions = given.conditions
        self.judge = _Judged(given)
        self.intakes = _Numbered(given, self.store)

    def conditions(self, cluster: ClusterName) -> Conditions:  # noqa: ARG002 - it is that of then
        """As they were."""
        return self._conditions


class _Judged(MarkJudge):
    """The marks as they were judged."""

    def __init__(self, given: Given) -> None:
        super().__init__(given.fleet)
        self._marks = given.recorded.marks

    def judge(
        self,
        report: HostReport,
        sightings: Iterable[Sighting],  # noqa: ARG002 - it is as it was judged then
    ) -> dict[VmUuid, MarkJudgement]:
        return {vm.uuid: self._marks.get(vm.uuid, NO_MARK) for vm in report.vms}

    def verified(self, report: HostReport, vms: Container[VmUuid]) -> dict[VmUuid, MarkJudgement]:
        return {vm: judged for vm, judged in self.judge(report, ()).items() if vm in vms}


class _Numbered(IntakeNumbers):
    """The number under which the report was taken in."""

    def __init__(self, given: Given, store: Store) -> None:
        super().__init__(store)
        self._number = given.recorded.intake

    @property
    def last(self) -> int:
        return self._number

    async def next(self, fleet: Fleet | None = None) -> int:  # noqa: ARG002 - it is that of then
        return self._number


class _Keeper(Recorder):
    """Hands the plan of a pass to its context."""

    def __init__(self, context: _PastContext, store: Store, clock: PastClock) -> None:
        super().__init__(store, clock, Unkept())
        self._context = context

    def keep(self, given: Given, plan: Plan) -> None:  # noqa: ARG002 - it is supposed
        self._context.plan = plan


class _Nobody:
    """Implements `server.context.Conversations`: whoever was asked has answered then, or not."""

    def ask(self, wish: LookWish) -> None:
        """The looks of then are recorded."""

    def decided(self, host: HostId, commands: Sequence[Command], *, begun: int) -> None:
        """What became of them is recorded."""

    def outbox_changed(self, host: HostId) -> None:
        """Nothing is sent."""

    def settings_changed(self, host: HostId) -> None:
        """Nobody goes by them."""

    def begin_anew(self) -> None:
        """Nothing was begun."""

    def heed_epoch(self, host: HostId, epoch: int) -> None:
        """Nobody else talks to it."""
