"""What a recorded pass wrote: told by the rules of today, where they come to what it concluded."""

import msgspec

from vmuster.model.ids import VmUuid
from vmuster.model.vm import VmRecord
from vmuster.reconcile.differing import beside
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.passed import Decided, Passed
from vmuster.server.passes.writes import changes_of
from vmuster.sim.whatif.rows import Rows


async def write_down(was: Rows, passed: Passed) -> frozenset[VmUuid]:
    """Write into `was` what `passed`, which was made over these rows, wrote then.

    Returns the VMs of which that is not known but for their conclusions: other rules than those of
    today made it.
    """
    given = passed.given
    plan = reconcile(given.recorded, given.report, given.cluster.policy, given.at)
    doubted = frozenset(found.vm for found in beside(passed, plan).differences)
    if not plan.refused:
        sure = tuple(each for each in plan.decisions if each.uuid not in doubted)
        known = msgspec.structs.replace(plan, decisions=sure)
        changes = changes_of(known, given.recorded, given.fleet, given.cluster, given.at)
        await was.commit((changes,))
    for told in passed.decided:
        record = was.row(VmRecord, told.uuid)
        if told.uuid in doubted and record is not None:
            _write(was, record, told)
    return doubted


def _write(was: Rows, record: VmRecord, told: Decided) -> None:
    """What was told of a record is all that is known of it."""
    if told.dropped:
        was.drop(record)
        return
    said = {"phase": told.phase, "desired": told.desired, "host": told.home}
    changed = {name: value for name, value in said.items() if value is not None}
    was.put(msgspec.structs.replace(record, **changed))
