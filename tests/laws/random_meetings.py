"""A host at rest, and then something is written: by a pass over another host, or by a person."""

import msgspec
from hypothesis import strategies as st

from tests.laws.random_hosts import Scene, changed, settled_scenes, written
from tests.laws.random_worlds import operations, records
from tests.parts import OTHER, VM
from vmuster.model.changes import Changes, Write
from vmuster.model.states import Completeness


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """A pass `elsewhere` over VMs some of which are at rest on our host too, and the next pass here
    over the same account as before, `after` that."""

    elsewhere: Scene
    after: Scene


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    """Two hosts that know of the same VMs: ours is at rest, and then the other says anything."""
    ours = draw(settled_scenes())
    known = ours.recorded
    there = {u: row for u, rows in known.elsewhere.items() for row in rows}
    elsewhere = msgspec.structs.replace(
        ours,
        recorded=msgspec.structs.replace(
            known,
            host=msgspec.structs.replace(known.host, id=OTHER, name=OTHER),
            here=there,
            elsewhere={u: (row,) for u, row in known.here.items()},
            intake=known.intake + 1,
        ),
        report=msgspec.structs.replace(ours.report, host=OTHER, absent=()),
    )
    elsewhere = changed(draw, elsewhere, draw(st.sampled_from(Completeness)))
    changes = elsewhere.changes()
    seen = {s.uuid: s for s in changes.sightings}
    gone = {uuid for _, uuid in changes.gone}
    rows = {u: row for u, row in there.items() if u not in gone} | seen
    after = msgspec.structs.replace(
        written(known, msgspec.structs.replace(changes, sightings=(), gone=())),
        host=known.host,
        hold=known.hold,
        elsewhere={u: (row,) for u, row in rows.items()},
        intake=known.intake + 2,
    )
    return Meeting(elsewhere=elsewhere, after=msgspec.structs.replace(ours, recorded=after))


class Rewritten(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody writes about a VM on a host at rest, and the next pass `after` that, over the
    same account as before."""

    changes: Changes
    after: Scene


@st.composite
def rewritten(draw: st.DrawFn) -> Rewritten:
    """A host at rest, and then a record is made, changed or dropped, or a person asks."""
    ours = draw(settled_scenes())
    uuid = draw(st.sampled_from([vm.uuid for vm in ours.report.vms] or [VM]))
    before = ours.recorded.records.get(uuid)
    drawn = draw(records | st.just(before) if before is not None else records)
    after = msgspec.structs.replace(drawn, uuid=uuid)
    wish = draw(st.none() | operations)
    writes = [Write(before=before, after=after)] if after != before else []
    if before is not None and draw(st.booleans()):
        writes = [Write(before=before, after=None)]
    if wish is not None:
        writes.append(Write(before=None, after=msgspec.structs.replace(wish, vm=uuid)))
    changes = Changes(writes=tuple(writes))
    recorded = written(ours.recorded, changes)
    return Rewritten(changes=changes, after=msgspec.structs.replace(ours, recorded=recorded))
