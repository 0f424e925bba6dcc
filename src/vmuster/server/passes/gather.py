"""What one pass is given to know: rows of the database and a report, side by side."""

from collections import defaultdict
from collections.abc import Sequence

from vmuster.model.ids import VmUuid
from vmuster.model.mark import MarkJudgement
from vmuster.model.names import number_in
from vmuster.model.policy import WINDOW_SECONDS
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness
from vmuster.model.vm import Sighting
from vmuster.ports.store import HostAsked, HostRows, Store
from vmuster.reconcile.idle import why_quarantined
from vmuster.reconcile.recorded import Recorded
from vmuster.server.passes.scope import Judged


async def load(
    store: Store, many: Sequence[Judged], now: float, *, all_of_them: bool = False
) -> Sequence[HostRows | None]:
    """For each report the rows that a pass over it at `now` goes by, all of one moment; None where
    there is no such host. A PARTIAL report says nothing of VMs that it does not name, and no pass
    asks what is known of those; with `all_of_them` it is read all the same."""
    asked = [
        HostAsked(
            host=each.report.host,
            vms=[
                *(vm.uuid for vm in each.report.vms),
                *each.report.absent,
                *each.report.held,
                *each.vanished,
            ],
            names={vm.uuid: vm.name for vm in each.report.vms},
            whole=all_of_them or (each.whole and _is_complete(each.report)),
        )
        for each in many
    ]
    return await store.load_hosts(asked, since=now - WINDOW_SECONDS)


def _is_complete(report: HostReport) -> bool:
    return report.completeness is Completeness.COMPLETE


def gather(
    rows: HostRows,
    marks: dict[VmUuid, MarkJudgement],
    *,
    intake: int,
    idle: str,
    unheard_of: frozenset[VmUuid],
    others: int = 0,
) -> Recorded:
    """`rows` as the core wants them: by uuid; for the rest see `Recorded`."""
    elsewhere: defaultdict[VmUuid, list[Sighting]] = defaultdict(list)
    for sighting in rows.elsewhere:
        elsewhere[sighting.uuid].append(sighting)
    return Recorded(
        host=rows.host,
        instance=rows.fleet.instance,
        records={record.uuid: record for record in rows.records},
        here={sighting.uuid: sighting for sighting in rows.here},
        elsewhere={uuid: tuple(found) for uuid, found in elsewhere.items()},
        named={record.name: record for record in rows.named},
        numbered={number_in(record.name): record for record in rows.named},
        marks=marks,
        operations={operation.vm: operation for operation in rows.operations},
        orphans=rows.orphans,
        grant=rows.cluster.grant,
        intake=intake,
        idle=idle,
        quarantined=why_quarantined(rows.fleet.quarantine),
        spent=rows.spent,
        fleet_policy=rows.fleet.policy,
        hold=rows.hold,
        high_water=rows.fleet.intake,
        trusted=rows.fleet.trusted,
        unheard_of=unheard_of,
        others=others,
    )
