"""libvirt's events, turned into bells.

libvirt has one event loop per process; it runs in a thread of its own. Callbacks carry news, and
we take none of it: a bell only says which VM to look at.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Final
from uuid import UUID

import libvirt

from vmuster.model.ids import VmUuid

Ring = Callable[[VmUuid | None], None]

_EVENTS: Final = (
    libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
    libvirt.VIR_DOMAIN_EVENT_ID_REBOOT,
    libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
)
_PAUSE_AFTER_ERROR_SECONDS: Final = 0.1


@cache
def start_event_loop() -> None:
    """Start libvirt's event loop, once per process and before the first connection."""
    _ = libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=_run, name="libvirt-events", daemon=True).start()


def _run() -> None:
    while True:
        try:
            _ = libvirt.virEventRunDefaultImpl()
        except libvirt.libvirtError:
            # One bad turn must not end all bells; the pause keeps it from becoming a busy loop.
            time.sleep(_PAUSE_AFTER_ERROR_SECONDS)  # noqa: TID251 - a thread of its own


class Subscription:
    """All domains' events and a connection's end, as calls of `ring` from the event thread."""

    def __init__(self, connection: libvirt.virConnect, ring: Ring) -> None:
        self._connection = connection
        _ = connection.registerCloseCallback(_on_close, ring)
        self._callbacks = [
            connection.domainEventRegisterAny(None, event, _on_event, ring)  # pyright: ignore[reportUnknownMemberType]
            for event in _EVENTS
        ]

    def end(self) -> None:
        """Stop the callbacks; they would keep the connection open."""
        for callback in self._callbacks:
            with contextlib.suppress(libvirt.libvirtError):
                self._connection.domainEventDeregisterAny(callback)
        with contextlib.suppress(libvirt.libvirtError):
            _ = self._connection.unregisterCloseCallback()


def _on_event(_connection: libvirt.virConnect, domain: libvirt.virDomain, *rest: object) -> None:
    """Any domain event. Its details differ by kind; the last argument is always the `ring`."""
    ring = rest[-1]
    if callable(ring):
        ring(VmUuid(UUID(domain.UUIDString())))


def _on_close(_connection: libvirt.virConnect, _reason: int, ring: Ring) -> None:
    """The connection ended: look at everything, and find out."""
    ring(None)
