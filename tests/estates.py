"""A served fleet with something of everything in it: what there can be, there is.

Two clusters, a host in each; VMs of every standing that lasts, running, stopped and missing; a held
plan; operations that ended; a credential, a webhook, an API key to spare.
"""

from typing import Final

import msgspec

from tests.fleets import vm_uuid
from tests.keypairs import Login
from tests.outside import new_signer
from tests.running import QUICK
from tests.served import Served
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import FleetId, VmUuid
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.states import Standing, VmPhase

HYPERVISORS: Final = ("alpha", "beta", "gamma")
"""Those of an estate; nobody has added the last one."""
WEBHOOK: Final = "https://hooks.example/pager"


class Estate:
    """What was put into a served fleet. `vms`: by what they are; `plan`: the id of the held one."""

    def __init__(self, world: Served) -> None:
        self.world = world
        self.alpha = world.add_host("alpha")
        world.client().add_cluster("north")
        world.run(world.fleet.policy("north", **QUICK))
        self.beta = world.run(world.fleet.add_host("beta", cluster="north"))
        self.vms = _ours(world, self.alpha) | _strangers(world, self.alpha)
        self.vms |= {"duplicate": self._duplicate(), "gone": self._missing()}
        self.plan = self._plan()
        self._things()

    def _duplicate(self) -> VmUuid:
        world, vm = self.world, self.world.ours(self.alpha, "db-01")
        mark = world.fleet.mark(vm)
        world.do(lambda: world.hypervisor("beta").define(vm, "db-01", running=True, mark=mark))
        for host in (self.alpha, self.beta):
            world.run(world.fleet.standing(host, vm, Standing.DUPLICATE))
        return vm

    def _missing(self) -> VmUuid:
        world, vm = self.world, self.world.ours(self.alpha, "gone-02", running=False)
        world.do(lambda: world.hypervisor("alpha").undefine(vm))
        world.run(world.fleet.recorded(vm, phase=VmPhase.MISSING))
        return vm

    def _plan(self) -> str:
        """Three strays in the north, of which one may be stopped at a time."""
        world = self.world
        for number in (1, 2, 3):
            world.appear(self.beta, f"i-3-{number}-VM")
        loose: dict[str, object] = {"unknown_vms": "stop-by-name", "stops_per_pass_max": 1}
        world.run(world.fleet.policy("north", **loose))

        async def held() -> str:
            plans = await world.fleet.service.holds.list_()
            return str(plans[0].id) if plans and len(plans[0].acts) == 3 else ""

        return world.run(world.fleet.until(held))

    def _things(self) -> None:
        client = self.world.client()
        secret = {"kind": "ssh", "key": Login().private.decode("ascii")}
        client.put_credential("fleet-ssh", secret)
        client.add_webhook("pager", WEBHOOK)
        client.create_api_key("script")


def _ours(world: Served, host: Host) -> dict[str, VmUuid]:
    return {
        "owned": world.ours(host, "web-01"),
        "stopped": world.ours(host, "web-02", running=False),
        "ghost": _ghost(world, host),
        "orphan": _orphan(world, host),
    }


def _ghost(world: Served, host: Host) -> VmUuid:
    """A VM that we deleted, and that runs all the same."""
    vm = world.ours(host, "gone-01")

    async def delete() -> bool:
        record = await world.fleet.record(vm)
        dead = msgspec.structs.replace(record, removed_at=1.0, phase=VmPhase.DELETED)
        written = Changes(writes=(Write(before=record, after=dead),))
        return await world.fleet.store.commit([written]) == [""]

    world.run(world.fleet.until(delete))
    world.run(world.fleet.standing(host, vm, Standing.GHOST))
    return vm


def _orphan(world: Served, host: Host) -> VmUuid:
    """A VM that was released, and that a backup of its definition brought back with its mark."""
    vm, alpha = world.ours(host, "db-02"), world.hypervisor(host.name)
    mark = alpha.domains[vm].live_mark
    operation = world.run(world.fleet.service.requests.release(vm, actor="anna"))
    world.run(world.fleet.done(operation))

    def bring_back() -> None:
        alpha.destroy(vm)
        alpha.undefine(vm)
        alpha.define(vm, "db-02", running=True, mark=mark)

    world.do(bring_back)
    world.run(world.fleet.standing(host, vm, Standing.ORPHAN))
    return vm


def _strangers(world: Served, host: Host) -> dict[str, VmUuid]:
    fleet = world.fleet
    own, other = fleet.service.context.fleet.id, FleetId(vm_uuid())

    def appears(name: str, standing: Standing, mark: RawMark | None, vm: VmUuid) -> VmUuid:
        alpha = world.hypervisor(host.name)
        world.do(lambda: alpha.define(vm, name, running=True, mark=mark))
        world.run(fleet.standing(host, vm, standing))
        return vm

    one, two, three = vm_uuid(), vm_uuid(), vm_uuid()
    foreign = write_mark(fleet.signer.mark(other, one, 1))
    forged = write_mark(new_signer().mark(own, three, 1))
    return {
        "foreign": appears("theirs", Standing.FOREIGN, foreign, one),
        "clone": appears("web-01-clone", Standing.CLONE, fleet.mark(vm_uuid(), 1), two),
        "unproven": appears("forged", Standing.UNPROVEN, forged, three),
        "lookalike": appears("i-2-78-VM", Standing.LOOKALIKE, None, vm_uuid()),
        "alien": appears("Windows 7 (32-bit) (1)", Standing.ALIEN, None, vm_uuid()),
    }
