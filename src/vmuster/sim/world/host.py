"""One simulated host: its hypervisor, its line, and the agent on it where it has one of its own."""

import asyncio

from vmuster.agent.loop import Agent
from vmuster.drivers.simulated.hypervisor import SimulatedWitness
from vmuster.model.ids import HostId, HostUuid
from vmuster.model.messages import Reported
from vmuster.model.wire import decode_to_agent, decode_to_server
from vmuster.ports.link import LinkClosed
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.clock import SimClock
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process
from vmuster.sim.world.chronicle import Chronicle
from vmuster.sim.world.driver import SimDriver
from vmuster.sim.world.hypervisor import SimHypervisor
from vmuster.sim.world.line import Line, SimEnd
from vmuster.sim.world.pages import MemoryPages, WatchedJournal


class SimHost:
    """`far`: its agent runs on the host itself, and talks to the servers over the line; else each
    server brings an agent of its own up, in its own process. `agent`: the far one's process.
    `off`: whether it is without power."""

    def __init__(
        self,
        hypervisor: SimHypervisor,
        chronicle: Chronicle,
        loop: SimLoop,
        chance: Chance,
        *,
        far: bool,
    ) -> None:
        self.name = hypervisor.name
        self.hypervisor = hypervisor
        self.far = far
        self.line = Line(chance.stream("line"))
        self.line.near = not far
        self.clock = SimClock(loop, chance.stream("uuids"))
        self.off = False
        self.lives = 0
        self.agent = Process(f"{self.name}-agent")
        self.pages: dict[tuple[str, HostId], MemoryPages] = {}
        self._chronicle = chronicle
        self._loop = loop
        self._chance = chance
        self._present: SimEnd | None = None

    @property
    def uuid(self) -> HostUuid:
        """How its hypervisor calls the host."""
        return self.hypervisor.uuid

    @property
    def slow(self) -> float:
        """How much slower than usual its hypervisor answers."""
        return self.hypervisor.slow

    @slow.setter
    def slow(self, times: float) -> None:
        self.hypervisor.slow = times

    def cut(self, *, up: bool, down: bool) -> None:
        """Cut the line to it these ways, and no other. Where no agent is on the host itself, the
        calls to its hypervisor need the line, both ways."""
        self.line.up_cut, self.line.down_cut = up, down
        self.hypervisor.faults.gone = self.off or (not self.far and (up or down))

    def accept(self, end: SimEnd, host: HostId) -> None:
        """In the far agent's process: a server has called; the connection before is over."""
        if self._present is not None:
            self._present.close()
        self._present = end
        _ = asyncio.get_running_loop().create_task(self.live(end, host, self.name, self.clock))

    async def live(self, end: SimEnd, host: HostId, disk: str, clock: SimClock) -> None:
        """The life of an agent at this end of a link, in the present process. `disk`: whose disk
        its journal lies on."""
        calls = self._chance.stream("calls")
        driver = SimDriver(self.hypervisor, self._chronicle, self._loop, calls, blind=self.blind)
        self._listen_in(end, driver)
        self._chronicle.met(self.name)
        pages = self.pages.setdefault((disk, host), MemoryPages())
        agent = Agent(
            host=host,
            driver=driver,
            witness=SimulatedWitness(self.hypervisor, blind=self.blind),
            journal=WatchedJournal(pages, host, self.name, self._chronicle),
            link=end,
            clock=clock,
        )
        try:
            if self.far:
                await self._run_far(agent)
            else:
                await agent.run()
        finally:
            end.close()
            await driver.close()

    async def _run_far(self, agent: Agent) -> None:
        """The end of its connection is the end of an agent's life, and no news."""
        try:
            await agent.run()
        except LinkClosed:
            pass
        except BaseExceptionGroup as group:
            if group.split(LinkClosed)[1] is not None:
                self._chronicle.failed(group)

    blind = False
    """Whether nobody can look past its hypervisor, as with a host reached over TLS."""

    def _listen_in(self, end: SimEnd, driver: SimDriver) -> None:
        """Have the chronicle know of reports that leave, and of what the agent is told."""

        def sent(message: bytes) -> None:
            said = decode_to_server(message)
            if isinstance(said, Reported):
                began, driver.began = driver.began, None
                now = self._loop.time()
                self._chronicle.looked(self.name, now if began is None else began, said)

        def received(message: bytes) -> None:
            self._chronicle.told(self.name, decode_to_agent(message))

        end.on_send, end.on_receive = sent, received

    def new_agent(self) -> None:
        """A new process for the far agent, in place of one that was killed."""
        self.lives += 1
        self.agent = Process(f"{self.name}-agent-{self.lives}")
        self._present = None
