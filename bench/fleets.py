"""Fleets at rest, in real database files: hosts with adopted VMs whose marks are good.

They are written through the store's own door, and a roll call over them finds nothing new. Signing
half a million marks takes a while: a fleet is built once for a state of the code, and copied.
"""

import asyncio
import hashlib
import random
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from bench import reports
from bench.resting import EPOCH, MANY, POLICY, at_rest, host_id, host_row, like, shown, signer
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.mark import write_mark
from vmuster.model.policy import FleetPolicy
from vmuster.model.states import (
    PowerState,
)
from vmuster.ports.store import Store
from vmuster.server.founding import DEFAULT_CLUSTER, found
from vmuster.stores.sql.opening import open_sqlite
from vmuster.wiring.outside.clock import SystemClock

ROOT: Final = Path(__file__).parents[1]
KEPT: Final = ROOT / ".bench" / "fleets"
DATABASE: Final = "vmuster.db"
REPORTS: Final = "reports"
_MADE_OF: Final = (
    "bench/fleets.py",
    "bench/reports.py",
    "bench/resting.py",
    "src/vmuster/model/**/*.py",
    "src/vmuster/reconcile/**/*.py",
    "src/vmuster/stores/**/*.py",
)
_TOGETHER: Final = 100
"""Hosts written in one transaction."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How large a fleet is: `hosts` with `vms` each, all of them in one `power` state."""

    hosts: int
    vms: int
    power: PowerState = PowerState.RUNNING

    @property
    def all_vms(self) -> int:
        """How many VMs the whole fleet has."""
        return self.hosts * self.vms


def copied(shape: Shape, folder: Path) -> Path:
    """The path of the database of a fleet in this shape, for use up, in `folder`.

    The fleet is built where there is none in `KEPT` of this shape and this state of the code.
    Call it where no event loop runs, or in a thread.
    """
    source = built(shape)
    shutil.copy(source / DATABASE, folder / DATABASE)
    return folder / DATABASE


async def reports_of(shape: Shape) -> list[tuple[HostId, bytes]]:
    """As `first_reports`, beside an event loop."""
    return await asyncio.to_thread(lambda: list(first_reports(shape)))


def first_reports(shape: Shape) -> Iterator[tuple[HostId, bytes]]:
    """Each host of the fleet, and the report that it has given last."""
    with (built(shape) / REPORTS).open("rb") as file:
        for number in range(shape.hosts):
            length = int.from_bytes(file.read(4), "big")
            yield host_id(number), file.read(length)


def built(shape: Shape) -> Path:
    """The folder of a fleet in this shape, which is whole once it has its name. It is made where
    there is none."""
    name = f"{shape.hosts}x{shape.vms}-{shape.power}"
    place = KEPT / f"{name}-{_state_of_code()}"
    if not place.exists():
        for old in KEPT.glob(f"{name}-*"):
            shutil.rmtree(old)
        building = KEPT / f"building-{name}"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        asyncio.run(_build(shape, building))
        building.rename(place)
    return place


def _state_of_code() -> str:
    """A digest of every file that a fleet is made by."""
    digest = hashlib.blake2b(digest_size=6)
    for pattern in _MADE_OF:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


async def _build(shape: Shape, folder: Path) -> None:
    store = await asyncio.to_thread(open_sqlite, folder / DATABASE)
    try:
        clock = SystemClock()
        fleet = await found(store, clock, signer(), "VM")
        cluster = await store.get(Cluster, DEFAULT_CLUSTER)
        if cluster is None:
            raise LookupError("a fleet was founded without its first cluster")
        generous = FleetPolicy(stops_per_window_max=MANY, starts_per_window_max=MANY)
        await written(
            store,
            Changes(
                writes=(
                    Write(before=fleet, after=msgspec.structs.replace(fleet, policy=generous)),
                    Write(before=cluster, after=msgspec.structs.replace(cluster, policy=POLICY)),
                )
            ),
        )
        hosts = _hosts(shape, fleet, clock.now())
        with (folder / REPORTS).open("wb") as file:
            while some := list(islice(hosts, _TOGETHER)):
                await written(store, *(changes for changes, _ in some))
                for _, report in some:
                    file.write(len(report).to_bytes(4, "big") + report)
    finally:
        await store.close()


async def written(store: Store, *changes: Changes) -> None:
    """Commit sets of changes; raises where one is refused."""
    refused = [why for why in await store.commit(changes) if why]
    if refused:
        raise ValueError(refused[0])


def _hosts(shape: Shape, fleet: Fleet, now: float) -> Iterator[tuple[Changes, bytes]]:
    """What is to be written for each host, and the report that brings it to rest."""
    chance, signs = random.Random(f"{shape.hosts}x{shape.vms}"), signer()
    pattern = at_rest(shape.power, fleet, now)
    for number in range(shape.hosts):
        host, uuids = host_row(number, shape.vms, now), sorted(_uuids(chance, shape.vms))
        numbers = range(number * shape.vms, (number + 1) * shape.vms)
        marks = [write_mark(signs.mark(fleet.id, uuid, 1)) for uuid in uuids]
        names = [f"i-2-{each}-VM" for each in numbers]
        rows = [like(pattern, host.id, *about) for about in zip(uuids, names, marks, strict=True)]
        seen = tuple(shown(sighting) for _, sighting in rows)
        changes = Changes(
            writes=(
                Write(before=None, after=host),
                *(Write(before=None, after=record) for record, _ in rows),
            ),
            sightings=tuple(sighting for _, sighting in rows),
        )
        yield changes, reports.whole(host.id, EPOCH, seen)


def _uuids(chance: random.Random, count: int) -> list[VmUuid]:
    return [VmUuid(UUID(int=chance.getrandbits(128), version=4)) for _ in range(count)]
