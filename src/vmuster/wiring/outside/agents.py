"""Agents inside the server's process: a driver, a witness and a journal for each host."""

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Final

from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.agent.loop import Agent
from vmuster.drivers.libvirt.driver import LibvirtDriver
from vmuster.drivers.libvirt.sight import witness_of
from vmuster.drivers.ssh.folder import CONNECT_SECONDS
from vmuster.links.in_process import in_process_link
from vmuster.model.errors import Refused
from vmuster.model.host import (
    Host,
    LocalProfile,
    LoopbackProfile,
    SimulatedProfile,
    SshProfile,
    TlsProfile,
)
from vmuster.ports.clock import Clock
from vmuster.ports.driver import Driver, Witness
from vmuster.ports.link import LinkEnd
from vmuster.wiring.outside.approaches import Approaches

_LOGIN_SECONDS: Final = CONNECT_SECONDS + 4.0
"""What a call to a far host may take longer: its first one logs in, and says why it could not."""

Farewell = Callable[[], Awaitable[None]]


class InProcessAgents:
    """Implements `server.talks.switchboard.Attach`. `journals`: the folder of the agents' journals;
    `approaches`: how hosts on other machines are reached, None where there shall be none."""

    def __init__(
        self,
        clock: Clock,
        journals: Path,
        call_seconds: float,
        approaches: Approaches | None = None,
    ) -> None:
        self._clock = clock
        self._journals = journals
        self._call_seconds = call_seconds
        self._approaches = approaches

    def __call__(self, host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        """A fresh agent for `host`, and the server's end of the link to it."""
        server_end, agent_end = in_process_link()
        driver, witness, farewell = self._driver(host)
        journal = Journal(JournalFile(self._journals / f"{host.id}.journal"), host.id)
        agent = Agent(
            host=host.id,
            driver=driver,
            witness=witness,
            journal=journal,
            link=agent_end,
            clock=self._clock,
        )
        return server_end, _live(agent, farewell)

    def _driver(self, host: Host) -> tuple[Driver, Witness, Farewell]:
        match host.profile:
            case LocalProfile() | LoopbackProfile() as near:
                witness = witness_of(near)
                driver = LibvirtDriver(near, witness, call_seconds=self._call_seconds)
                return driver, witness, driver.close
            case SshProfile() | TlsProfile() as far:
                return self._far(host, far)
            case SimulatedProfile():
                raise Refused("simulated hosts live in simulations only")

    def _far(
        self, host: Host, profile: SshProfile | TlsProfile
    ) -> tuple[Driver, Witness, Farewell]:
        if self._approaches is None:
            raise Refused("this server reaches no other machines")
        approach = self._approaches.to(host, profile)
        driver = LibvirtDriver(
            approach.way,
            approach.witness,
            call_seconds=self._call_seconds + _LOGIN_SECONDS,
            ping_seconds=_LOGIN_SECONDS,
            prepare=approach.ready,
        )

        async def farewell() -> None:
            try:
                await driver.close()
            finally:
                await approach.leave()

        return driver, approach.witness, farewell


async def _live(agent: Agent, farewell: Farewell) -> None:
    try:
        await agent.run()
    finally:
        await farewell()
