"""A fleet in which everything that has a name or a word of its own has the worst there is.

Three hundred VMs, a person who says why, and a hypervisor that speaks in anger instead of giving an
account; and what the server logs meanwhile.
"""

import io
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Final

import pytest
import structlog

from tests.fleets import vm_uuid
from tests.hostile import NAMES, unsafe
from tests.served import Served, served
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.model.host import Cluster, Host, SimulatedProfile
from vmuster.model.ids import ClusterName, VmUuid
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.states import VmPhase
from vmuster.model.vm import VmRecord
from vmuster.ports.driver import DriverError, Listing
from vmuster.wiring.serving.logs import configure_logs

WORST: Final = "".join(sorted({letter for name in NAMES for letter in unsafe(name, but="")}))
"""All that must not get out, in one text."""
HALVES: Final = {"alpha": ("json", NAMES[:150]), "beta": ("pairs", NAMES[150:])}
"""Host → how the log is written while its VMs appear, and what they are called."""


class Scene:
    """A fleet of such VMs, which are all adopted, and which somebody ended by hand: that moves
    their records. `vms`: what they are called; `logs`: what the server logged meanwhile, as JSON
    and as key=value."""

    def __init__(self, world: Served) -> None:
        self.world = world
        self.vms = dict[VmUuid, str]()
        self.logs = dict[str, list[str]]()
        world.client().add_webhook("pager", "https://hooks.example/x", kinds=[*EntryKind])
        for host, (form, names) in HALVES.items():
            with logged(world, as_json=form == "json") as log:
                self._fill(host, names)
                self._say()
            self.logs[form] = log.getvalue().split("\n")
        self.gamma = self._anger()

    def _fill(self, host: str, names: list[str]) -> None:
        world, hypervisor = self.world, self.world.hypervisor(host)
        made = {vm_uuid(): name for name in names}
        self.vms |= made

        def define() -> None:
            for vm, name in made.items():
                hypervisor.define(vm, name, running=True)

        def destroy() -> None:
            for vm in made:
                hypervisor.destroy(vm)

        world.do(define)
        world.passes(world.add_host(host))
        world.run(self._adopt(made))
        world.do(destroy)
        world.run(self._ended(made))

    async def _adopt(self, vms: Iterable[VmUuid]) -> None:
        fleet = self.world.fleet
        for vm in vms:
            await fleet.service.requests.adopt(vm, actor="anna")

        async def done() -> bool:
            return not await fleet.store.find(Operation, finished_at=None)

        await fleet.until(done)

    async def _ended(self, vms: Iterable[VmUuid]) -> None:
        fleet, wanted = self.world.fleet, set(vms)

        async def so() -> bool:
            stopped = await fleet.store.find(VmRecord, phase=VmPhase.STOPPED)
            return wanted <= {record.uuid for record in stopped}

        await fleet.until(so)

    def _say(self) -> None:
        """A person disarms the fleet, and says why."""
        client = self.world.client()
        client.set_automation("fleet", "", armed=False, why=f"because {WORST}")
        client.set_automation("fleet", "", armed=True)

    def _anger(self) -> Host:
        """Host gamma, whose hypervisor says the worst of everything instead of an account."""
        fleet = self.world.fleet

        async def troubled() -> Host:
            cluster = await fleet.store.get(Cluster, ClusterName("default"))
            assert cluster is not None
            profile = SimulatedProfile(name="gamma")
            host = await fleet.service.add_host(
                name="gamma", profile=profile, cluster=cluster, actor="anna"
            )

            async def told() -> Host | None:
                now = await fleet.now(host)
                return now if now.trouble else None

            return await fleet.until(told)

        return self.world.run(troubled())


@contextmanager
def logged(world: Served, *, as_json: bool) -> Generator[io.StringIO]:
    """What this server logs, as `vmuster serve` would write it."""
    log = io.StringIO()

    def write() -> None:
        configure_logs(as_json=as_json)
        structlog.configure(
            logger_factory=structlog.WriteLoggerFactory(file=log), cache_logger_on_first_use=False
        )

    world.do(write)
    yield log
    world.do(lambda: structlog.configure(logger_factory=structlog.ReturnLoggerFactory()))


@contextmanager
def hostile_scene() -> Generator[Scene]:
    """The scene, set."""
    listed = SimulatedDriver.list_vms

    async def list_vms(driver: SimulatedDriver) -> Listing:
        if driver._hypervisor.name == "gamma":  # pyright: ignore[reportPrivateUsage]
            raise DriverError(f"the list failed: {WORST}")
        return await listed(driver)

    with (
        pytest.MonkeyPatch.context() as patch,
        served(*HALVES, "gamma") as world,
    ):
        patch.setattr(SimulatedDriver, "list_vms", list_vms)
        yield Scene(world)
