"""Deliver the reports of a case, pass by pass, and say what the last pass decided."""

import msgspec

from vmuster.model.ids import HostId, VmUuid
from vmuster.model.plan import Decision, Plan, Transition
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness
from vmuster.reconcile.engine import reconcile
from vmuster.replay.cases import Case, CaseReport, CaseVm
from vmuster.replay.world import World, observation


class LastPass(msgspec.Struct, frozen=True, kw_only=True):
    """What the last delivery came to: its plan, every transition it led to, and every conclusion.

    A VM that moved away while it was asked about is concluded on as it was before.
    """

    plan: Plan
    transitions: tuple[Transition, ...]
    decisions: tuple[Decision, ...]


class Replay:
    """One case on its way through its deliveries."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.world = World(case)
        self.policy = case.policy.as_policy()
        self.given: dict[HostId, CaseReport] = {}
        self.now = 0.0

    def run(self) -> LastPass:
        """Deliver every report, `repeat` times over."""
        numbered = _numbered(self.case.deliveries)
        span = max(sequence for _, sequence in numbered) + 1
        *earlier, last = (
            (given, sequence + turn * span)
            for turn in range(self.case.repeat)
            for given, sequence in numbered
        )
        for given, sequence in earlier:
            self._deliver(given, sequence)
        return self._deliver(*last)

    def _deliver(self, given: CaseReport, sequence: int) -> LastPass:
        """One delivery: decide; let the hosts that are asked look; then decide in their light."""
        self.now += 1.0
        host = self.world.host(HostId(given.host))
        if given.epoch > host.epoch:
            host = msgspec.structs.replace(host, epoch=given.epoch, sequence=-1)
            self.world.hosts[host.id] = host
        vms = {VmUuid(vm.uuid): vm for vm in given.vms}
        report = self._report(given, sequence, vms)
        plan = first = self._decide(report, vms)
        if not plan.refused:
            self.given[host.id] = given
        answered: tuple[Transition, ...] = ()
        asked: dict[HostId, tuple[VmUuid, ...]] = {}
        for wish in plan.looks:
            if wish.host != host.id and wish.host in self.given:
                asked[wish.host] = asked.get(wish.host, ()) + wish.vms
        if asked:
            self._remember(plan, {uuid for uuids in asked.values() for uuid in uuids})
            for other, uuids in asked.items():
                answered += self._look(other, uuids)
            plan = self._decide(self._report(given, sequence, vms), vms)
        decided = {decision.uuid for decision in plan.decisions}
        left = tuple(d for d in first.decisions if d.uuid not in decided)
        return LastPass(
            plan=plan,
            transitions=answered + self.world.apply(plan),
            decisions=plan.decisions + left,
        )

    def _decide(self, report: HostReport, vms: dict[VmUuid, CaseVm]) -> Plan:
        host = self.world.host(report.host)
        return reconcile(self.world.recorded(host, vms), report, self.policy, self.now)

    def _remember(self, plan: Plan, uuids: set[VmUuid]) -> None:
        """Let the others know of these sightings, without counting the report twice."""
        for sighting in plan.sightings:
            if sighting.uuid in uuids:
                before = self.world.sightings.get((sighting.host, sighting.uuid))
                reports = before.complete_reports if before is not None else 0
                self.world.sightings[sighting.host, sighting.uuid] = msgspec.structs.replace(
                    sighting, complete_reports=reports
                )

    def _look(self, host: HostId, uuids: tuple[VmUuid, ...]) -> tuple[Transition, ...]:
        """A host asked to look again at these VMs answers from the last report given of it."""
        given = self.given[host]
        before = self.world.host(host)
        vms = {VmUuid(vm.uuid): vm for vm in given.vms if VmUuid(vm.uuid) in uuids}
        absent = tuple(uuid for uuid in uuids if given.complete and uuid not in vms)
        look = HostReport(
            host=host,
            epoch=before.epoch,
            sequence=before.sequence + 1,
            boot_id="",
            completeness=Completeness.PARTIAL,
            vms=tuple(observation(vm) for vm in vms.values()),
            absent=absent,
            asked_after=self.world.intake,
        )
        transitions = self.world.apply(self._decide(look, vms))
        self.world.hosts[host] = before
        return transitions

    def _report(self, given: CaseReport, sequence: int, vms: dict[VmUuid, CaseVm]) -> HostReport:
        return HostReport(
            host=HostId(given.host),
            epoch=given.epoch,
            sequence=sequence,
            boot_id="",
            completeness=Completeness.COMPLETE if given.complete else Completeness.PARTIAL,
            vms=tuple(observation(vm) for vm in given.vms),
            absent=tuple(VmUuid(u) for u in self.case.confirmed_absent if VmUuid(u) not in vms),
            asked_after=self.world.intake,
        )


def _numbered(deliveries: tuple[CaseReport, ...]) -> list[tuple[CaseReport, int]]:
    """Each report with its sequence: the one given, else one more than its host's last."""
    last: dict[str, int] = {}
    numbered: list[tuple[CaseReport, int]] = []
    for report in deliveries:
        sequence = report.sequence
        if sequence is None:
            sequence = last.get(report.host, 0) + 1
        last[report.host] = sequence
        numbered.append((report, sequence))
    return numbered
