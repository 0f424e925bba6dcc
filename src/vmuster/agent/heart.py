"""The heart of an agent: signs of life, which no look, no act and no silent hypervisor delays.

"The agent lives", "the hypervisor answers" and "its host lives" are three things, and a server that
hears of them apart can tell a daemon that hangs from a host that died. So the heart beats on its
own: also while the hypervisor is not reached yet, over a connection that does nothing else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from vmuster.agent.inquiry import Inquiry
from vmuster.model.ids import HostId
from vmuster.model.messages import Heartbeat, Settings, digest_of_settings
from vmuster.ports.driver import Driver, DriverError, Witness

_SECONDS: Final = 10.0
"""Between two beats, until the server has said how many."""
_ALIVE_SECONDS: Final = 5.0
"""The longest that the witness is waited for; over a network it may take a while to be told."""


class Heart:
    """Says a `Heartbeat` over `say`, for ever."""

    def __init__(
        self,
        driver: Driver,
        witness: Witness,
        host: HostId,
        say: Callable[[Heartbeat], Awaitable[None]],
    ) -> None:
        self._driver = driver
        self._alive = Inquiry(witness.alive, seconds=_ALIVE_SECONDS)
        self._host = host
        self._say = say
        self._seconds = _SECONDS
        self._epoch = 0
        self._settings = ""
        self._paced = asyncio.Event()

    def follow(self, epoch: int, settings: Settings) -> None:
        """Beat as often as these settings say, and say by which ones the agent goes."""
        self._epoch, self._settings = epoch, digest_of_settings(settings)
        if settings.heartbeat_seconds != self._seconds:
            self._seconds = settings.heartbeat_seconds
            self._paced.set()

    async def beat_on(self) -> None:
        """Beat, for ever."""
        while True:
            await self._say(await self._feel())
            self._paced.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._paced.wait()

    async def _feel(self) -> Heartbeat:
        """Ask the hypervisor; only where it does not answer, ask whether its host lives."""
        alive, why = None, ""
        try:
            await self._driver.ping()
            answers = True
        except DriverError as error:
            answers, why = False, str(error)
            alive = await self._alive.answer()
        return Heartbeat(
            host=self._host,
            answers=answers,
            alive=alive,
            why=why,
            epoch=self._epoch,
            settings=self._settings,
        )
