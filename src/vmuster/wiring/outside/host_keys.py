"""The server's questions about host keys, answered by OpenSSH's own tools."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from vmuster.drivers.ssh import host_keys
from vmuster.model.errors import Refused, Unavailable
from vmuster.ports.driver import DriverError
from vmuster.server.secrets.host_keys import HostKey, host_key

_AT_ONCE_MAX: Final = 16
"""So many questions run at a time; more wait for their turn (L10), and nothing else does (L13)."""


class SystemKeyScan:
    """Implements `server.secrets.host_keys.KeyScan`."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE_MAX, thread_name_prefix="host-keys")

    async def scan(self, address: str, port: int) -> tuple[HostKey, ...]:
        """The keys that the host shows now."""
        return await self._ask(host_keys.scan, address, port)

    async def known(self, address: str, port: int) -> tuple[HostKey, ...]:
        """The keys by which the user that the server runs as knows the host."""
        return await self._ask(host_keys.known, address, port)

    async def _ask(
        self, question: Callable[[str, int], tuple[str, ...]], address: str, port: int
    ) -> tuple[HostKey, ...]:
        try:
            loop = asyncio.get_running_loop()
            keys = await loop.run_in_executor(self._threads, question, address, port)
        except ValueError as error:
            raise Refused(str(error)) from None
        except DriverError as error:
            raise Unavailable(str(error)) from None
        return tuple(host_key(key) for key in keys)
