"""Agents inside the server's process: a driver, a witness and a journal for each host."""

from collections.abc import Coroutine
from pathlib import Path

from vmuster.agent.journal import Journal
from vmuster.agent.loop import Agent
from vmuster.drivers.libvirt.driver import LibvirtDriver
from vmuster.drivers.libvirt.sight import witness_of
from vmuster.links.in_process import in_process_link
from vmuster.model.errors import Refused
from vmuster.model.host import Host, LocalProfile, LoopbackProfile, SimulatedProfile
from vmuster.ports.clock import Clock
from vmuster.ports.driver import Driver, Witness
from vmuster.ports.link import LinkEnd


class InProcessAgents:
    """Implements `server.switchboard.Attach`. `journals`: the folder of the agents' journals."""

    def __init__(self, clock: Clock, journals: Path, call_seconds: float) -> None:
        self._clock = clock
        self._journals = journals
        self._call_seconds = call_seconds

    def __call__(self, host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        """A fresh agent for `host`, and the server's end of the link to it."""
        server_end, agent_end = in_process_link()
        driver, witness = self._driver(host)
        journal = Journal(self._journals / f"{host.id}.journal", host.id)
        agent = Agent(
            host=host.id,
            driver=driver,
            witness=witness,
            journal=journal,
            link=agent_end,
            clock=self._clock,
        )
        return server_end, _live(agent, driver)

    def _driver(self, host: Host) -> tuple[Driver, Witness]:
        match host.profile:
            case LocalProfile() | LoopbackProfile():
                witness = witness_of(host.profile)
                return LibvirtDriver(
                    host.profile, witness, call_seconds=self._call_seconds
                ), witness
            case SimulatedProfile():
                raise Refused("simulated hosts live in simulations only")


async def _live(agent: Agent, driver: Driver) -> None:
    try:
        await agent.run()
    finally:
        await driver.close()
