"""Each bug of order: with it, what is older passes for newer, or for as good."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from tests.parts import HOST, INTAKE, NOW, host, sighting
from tests.probes import Probes, told_apart
from tests.servers import bench, seen, vm
from tests.worlds import but, orphan, owned
from vmuster.model.automation import Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.host import Fleet, HostFacts
from vmuster.model.ids import HostUuid
from vmuster.model.messages import Hello
from vmuster.model.states import OperationKind
from vmuster.reconcile import freshness, identity, too_new
from vmuster.reconcile.pairing import pair
from vmuster.server.requests import operations
from vmuster.server.talks import dispatch, greeting
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.ordering import ORDERING

FACTS = HostFacts(
    uuid=HostUuid(UUID(int=70)), boot_id="b", hypervisor="qemu", version="9", hostname="alpha"
)
HELLO = Hello(host=HOST, facts=FACTS, epoch=9, intake=0)


async def _stale() -> object:
    """What a store says of a row that was written since it was read."""
    parts = await bench()
    there = await parts.host()
    newer = Write(before=there, after=msgspec.structs.replace(there, trouble="newer"))
    older = Write(before=there, after=msgspec.structs.replace(there, trouble="older"))
    assert await parts.store.commit([Changes(writes=(newer,))]) == [""]
    return await parts.store.commit([Changes(writes=(older,))]) == [""]


def refused(**stamp: int) -> object:
    report = msgspec.structs.replace(owned().report, **stamp)
    return bool(freshness.refusal(host(), report, INTAKE))


def evidence() -> object:
    world = but(orphan(), here=None, unheard_of=frozenset({owned().uuid}))
    return too_new.evidence(pair(world.recorded, world.report), world.recorded)


async def _in_quarantine() -> object:
    """Whether a request is refused."""
    parts = await bench()
    there = await parts.host()
    await parts.adopted(there, vm(1))
    quarantine = Quarantine(since=1.0, evidence=("a mark",), highest=9)
    fleet = msgspec.structs.replace(parts.context.fleet, quarantine=quarantine)
    parts.context.fleet = fleet
    try:
        return (await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")).kind
    except Refused as error:
        return error.message


async def _sent_in_quarantine() -> object:
    """Whether what waits in the outbox is sent."""
    parts = await bench()
    there = await parts.host()
    assert await parts.report(there, seen(vm(1))) == ""
    _ = await parts.requests.adopt(vm(1), actor="ann")
    quarantine = Quarantine(since=1.0, evidence=("a mark",), highest=9)
    fleet = await parts.store.get(Fleet)
    assert fleet is not None
    doubted = Write(before=fleet, after=msgspec.structs.replace(fleet, quarantine=quarantine))
    assert await parts.store.commit([Changes(writes=(doubted,))]) == [""]
    return len(await dispatch.due(parts.context, there.id, 1, ()))


def numbered() -> object:
    """The number of a mark of a VM of which no record is left."""
    seen, home = sighting(), host()
    adopted = operations.adopted_record(seen, None, home, name="", number=57, now=NOW)
    return adopted.mark_generation


def renamed() -> object:
    known = msgspec.structs.replace(host(), uuid=HostUuid(UUID(int=71)))
    return bool(identity.refused(known, FACTS.uuid))


PROBES: Probes = {
    "a-write-is-not-compared": lambda: asyncio.run(_stale()),
    "an-older-report-is-believed": lambda: refused(sequence=9),
    "an-earlier-connection-is-believed": lambda: refused(epoch=0),
    "an-epoch-is-given-twice": lambda: greeting._epoch(host(), HELLO),  # pyright: ignore[reportPrivateUsage]
    "an-epoch-is-what-the-database-says": lambda: greeting._epoch(host(), HELLO),  # pyright: ignore[reportPrivateUsage]
    "the-quarantine-is-not-entered": evidence,
    "the-quarantine-is-not-obeyed": lambda: asyncio.run(_in_quarantine()),
    "the-old-outbox-is-sent": lambda: asyncio.run(_sent_in_quarantine()),
    "a-mark-is-numbered-by-its-record-alone": numbered,
    "another-host-is-welcome": renamed,
}


@pytest.mark.parametrize("bug", ORDERING, ids=lambda bug: bug.name)
def test_it_makes_a_difference(bug: Planted) -> None:
    assert told_apart(bug, PROBES[bug.name])
