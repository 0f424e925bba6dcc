"""The whole fleet in one thread: servers, agents, hosts, network, database, clock."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final, TypeVar
from uuid import UUID

from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Host, SimulatedProfile
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.wire import decode_to_server
from vmuster.ports.link import LinkEnd
from vmuster.server.service import Service
from vmuster.server.talks.switchboard import Attach
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.clock import SimClock
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process
from vmuster.sim.engine.trace import Trace
from vmuster.sim.world.chronicle import Chronicle
from vmuster.sim.world.database import Database, SimStore
from vmuster.sim.world.healing import heal
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.hypervisor import SimHypervisor
from vmuster.sim.world.line import SimEnd
from vmuster.sim.world.outside import SimKeyRing
from vmuster.sim.world.people import Person
from vmuster.sim.world.server import SimServer, answer_to

T = TypeVar("T")

SERVERS_DISK: Final = "servers"
"""The disk on which the journals of agents without a host of their own lie."""
PATIENCE_SECONDS: Final = 30.0
"""How long a person waits for an answer."""
BEGINS_SECONDS: Final = 600.0
"""By then a server serves, on a database that answers."""


class NeverServes(Exception):
    """No server comes to serve, however often it is begun."""


class World:
    """One run's. Hosts and VMs are called by names; `vms` gives a VM's uuid."""

    def __init__(self, seed: int, *, keep: int | None = None) -> None:
        self.chance = Chance(seed)
        self.loop = SimLoop(self.chance)
        self.trace = Trace(keep) if keep is not None else Trace()
        self.vms: dict[str, VmUuid] = {}
        self._names: dict[VmUuid, str] = {}
        self.chronicle = Chronicle(self.loop, self.trace, self.name_of)
        self.truth = self.chronicle.truth
        self.database = Database()
        self.keyring = SimKeyRing(self.chance.stream("keys"))
        self.hosts: dict[str, SimHost] = {}
        self.addresses: dict[str, str] = {}
        """Addresses at which another host is reached than the one of this name."""
        self.people: dict[str, Person] = {}
        self.servers: list[SimServer] = []
        self.faults = 0
        """How much went wrong so far."""
        self.watched_over = False
        """Whether a service manager starts a dead server again."""
        self.server_wrong_by = 0.0
        """Seconds that the wall clock of the servers' machine is ahead."""
        self._processes: list[Process] = [self.loop.world]
        self._ends: list[SimEnd] = []
        self._lives = 0

    # Names.

    def name_of(self, vm: VmUuid) -> str:
        """What people call a VM."""
        return self._names.get(vm, str(vm))

    def vm(self, name: str) -> VmUuid:
        """The uuid of the VM of this name; a new name gets a new one."""
        if name not in self.vms:
            uuid = VmUuid(self.chance.stream(f"vm {name}").uuid())
            self.vms[name] = uuid
            self._names[uuid] = name
        return self.vms[name]

    # Hosts and their agents.

    def add_host(self, name: str, *, far: bool) -> SimHost:
        """A host of the world; no server knows it yet."""
        number = len(self.hosts) + 1
        hypervisor = SimHypervisor(
            name,
            HostUuid(UUID(int=0x70000 + number)),
            self.chronicle,
            self.loop,
            lambda: [each.hypervisor for each in self.hosts.values()],
        )
        chance = self.chance.stream(f"host {name}")
        host = SimHost(hypervisor, self.chronicle, self.loop, chance, far=far)
        self.hosts[name] = host
        self._processes.append(host.agent)
        return host

    def kill_agent(self, host: SimHost) -> None:
        """Kill a far agent's process; its service manager starts another."""
        self._kill(host.agent)
        host.new_agent()
        self._processes.append(host.agent)

    def power_off(self, host: SimHost) -> None:
        """The whole host goes dark: its VMs end, its agent with them."""
        host.off = host.hypervisor.faults.gone = True
        host.hypervisor.processes.clear()
        if host.far:
            self.kill_agent(host)
            self.loop.freeze(host.agent)

    def power_on(self, host: SimHost) -> None:
        """It boots."""
        host.hypervisor.reboot()
        host.off = False
        host.cut(up=host.line.up_cut, down=host.line.down_cut)
        self.loop.thaw(host.agent)

    def readdress(self, addresses: Mapping[str, str]) -> None:
        """Hosts are reached at these addresses, each other one at its own name. Who is connected to
        one whose address is another now is so no more."""
        moved = {
            name: addresses.get(name, name)
            for name in self.hosts
            if addresses.get(name, name) != self.addresses.get(name, name)
        }
        lines = [self.hosts[host].line for host in moved.values()]
        self.addresses = dict(addresses)
        for end in self._ends:
            if end.line in lines:
                self.loop.post(end.process, end.lose)

    # Servers.

    @property
    def server(self) -> SimServer | None:
        """The server that was started last, if it is alive."""
        last = self.servers[-1] if self.servers else None
        return last if last is not None and last.process.alive else None

    def start_server(self, disk: str = SERVERS_DISK) -> SimServer:
        """A new server over the database as it is. `disk`: of the machine on which it runs."""
        self._lives += 1
        process = Process(f"server-{self._lives}")
        self._processes.append(process)
        self.chronicle.started(process.name)
        chance = self.chance.stream(process.name)
        clock = SimClock(self.loop, chance.stream("uuids"))
        clock.wrong_by = self.server_wrong_by
        store = SimStore(
            self.database,
            process,
            self.chronicle,
            self.loop,
            chance.stream("database"),
            lambda why: self.kill_server(server, why),
        )
        server = SimServer(process, store, clock, self.keyring, disk)
        self.servers.append(server)
        life = server.live(self._attach_for(server), self.chronicle.served, self.chronicle.failed)
        task = self.loop.spawn(process, life)
        task.add_done_callback(lambda done: self._began(server, done))
        return server

    def kill_server(self, server: SimServer, why: str = "killed") -> None:
        """Kill it where it stands; its agents that are not on hosts of their own die with it."""
        if server.process.alive:
            self.chronicle.died(server.process.name, why)
            self._kill(server.process)

    async def stop_server(self, server: SimServer) -> None:
        """End it in good order."""
        done, service = asyncio.Event(), server.service
        if service is None:
            self.kill_server(server, "ended before it served")
            return

        async def close() -> None:
            service.stop()
            await service.close()
            self.loop.post(self.loop.world, done.set)

        _ = self.loop.spawn(server.process, close())
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await done.wait()
        self.kill_server(server, "ended")

    async def serving(self) -> SimServer:
        """The server, once it serves; one that can't begin is begun again. Raises `NeverServes`."""
        patience = self.loop.time() + BEGINS_SECONDS
        while True:
            if self.database.away:
                patience = self.loop.time() + BEGINS_SECONDS
            server = self.server
            if self.loop.time() > patience:
                raise NeverServes(server.failed if server is not None else "")
            if server is None or server.failed:
                if server is not None:
                    self.kill_server(server, server.failed)
                server = self.start_server()
            if server.service is not None:
                return server
            await asyncio.sleep(1.0 if server.failed else 0.1)

    async def ask(self, request: Callable[[Service], Coroutine[Any, Any, T]]) -> T:
        """A person's request to the server. Raises what the server says, and `Unavailable` where
        there is none or no answer comes: then it may be done all the same."""
        server = self.server
        if server is None or server.service is None:
            raise Unavailable("the server does not answer")
        answer: asyncio.Future[T] = self.loop.create_future()

        def take(result: T | Exception) -> None:
            if answer.done():
                return
            if isinstance(result, Exception):
                answer.set_exception(result)
            else:
                answer.set_result(result)

        answer_to(self.loop, server, server.service, request, take)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await answer
        except TimeoutError:
            raise Unavailable("no answer") from None

    async def heal(self) -> None:
        """Mend everything that is broken, and have people do their part."""
        await heal(self)

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run until `main` is done; then everything is over."""
        try:
            return self.loop.run(main)
        finally:
            self.loop.dispose(self._processes)

    # What holds it together.

    def _began(self, server: SimServer, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            server.failed = f"could not begin: {type(error).__name__}"
            self.chronicle.note(server.process.name, server.failed)

    def _kill(self, process: Process) -> None:
        self.loop.kill(process)
        for end in self._ends:
            if end.process is process:
                end.gone_with_its_process()
        self._ends = [end for end in self._ends if not end.closed]

    def _attach_for(self, server: SimServer) -> Attach:
        def attach(host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
            if not isinstance(host.profile, SimulatedProfile):
                raise Refused("only simulated hosts live here")
            address = host.profile.name
            return self._attach(server, self.hosts[self.addresses.get(address, address)], host)

        return attach

    def _attach(
        self, server: SimServer, there: SimHost, host: Host
    ) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        """A link to the agent of a host: to the one on it, or to a new one in the server."""
        agent_process = there.agent if there.far else server.process
        up = SimEnd(self.loop, there.line, agent_process, up=True)
        down = SimEnd(self.loop, there.line, server.process, up=False)
        up.join(down)
        down.join(up)
        down.on_receive = lambda message: self._heard(there, message)
        self._ends = [end for end in self._ends if not end.closed]
        self._ends += [up, down]
        if not there.far:
            return down, there.live(up, host.id, server.disk, server.clock)
        self.loop.post_at(
            self.loop.time() + there.line.chance.delay(0.01), there.agent, there.accept, up, host.id
        )
        return down, _never()

    def _heard(self, there: SimHost, message: bytes) -> None:
        self.chronicle.heard(there.name, decode_to_server(message))


async def _never() -> None:
    """The life of an agent that runs elsewhere."""
    await asyncio.get_running_loop().create_future()
