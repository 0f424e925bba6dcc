"""A line: one worker's connection to a hypervisor, and to which host it truly leads.

Each worker has a line of its own, opened when it is first needed, perhaps long after the driver
was opened. An address may lead elsewhere by then. So a line is asked for its host's uuid before
anything rests on what it says.
"""

from typing import Final

import libvirt

from vmuster.drivers.libvirt.connection import connect, hang_up
from vmuster.drivers.libvirt.dead_sockets import never_for_ever
from vmuster.drivers.libvirt.events import Ring, Subscription
from vmuster.drivers.libvirt.facts import host_uuid
from vmuster.drivers.rules import another_host
from vmuster.model.ids import HostUuid

_KEEPALIVE_SECONDS: Final = 5
_KEEPALIVE_MISSES: Final = 3
"""A daemon or network that is silent for longer than their product breaks the connection."""


class Line:
    """A connection to `uri`, with its events where somebody listens to them (`ring`).

    A daemon or network that falls silent breaks it after a while: whatever call is stuck then ends.
    """

    def __init__(self, uri: str, *, read_only: bool, ring: Ring | None = None) -> None:
        with never_for_ever(uri):
            self.connection: libvirt.virConnect = connect(uri, read_only=read_only)
        _ = self.connection.setKeepAlive(_KEEPALIVE_SECONDS, _KEEPALIVE_MISSES)
        self._subscription = None if ring is None else Subscription(self.connection, ring)
        self._host: HostUuid | None = None

    def insist(self, host: HostUuid | None) -> None:
        """Raises `DriverError` where this is not the host of that uuid; None knows of no other."""
        if self._host is None:
            self._host = host_uuid(self.connection.getCapabilities())
        if host not in (None, self._host):
            raise another_host(self._host, host)

    def end(self) -> None:
        """Hang up."""
        if self._subscription is not None:
            self._subscription.end()
        hang_up(self.connection)
