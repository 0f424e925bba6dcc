"""Events become bells; the details stay behind. (Real events: tests/conformance/drivers.)"""

import threading
from uuid import UUID

import libvirt  # pyright: ignore[reportMissingTypeStubs]

from tests.unit.drivers.libvirt.doubles import FakeDomain
from vmuster.drivers.libvirt.events import Subscription, start_event_loop
from vmuster.model.ids import VmUuid

A = VmUuid(UUID(int=1))


class Exchange:
    """A connection that keeps what is registered with it."""

    def __init__(self) -> None:
        self.callbacks: dict[int, tuple[object, object]] = {}
        self.on_close: tuple[object, object] | None = None

    def registerCloseCallback(self, callback: object, ring: object) -> int:  # noqa: N802
        self.on_close = (callback, ring)
        return 0

    def unregisterCloseCallback(self) -> int:  # noqa: N802 - libvirt's name
        self.on_close = None
        raise libvirt.libvirtError("the connection is gone")

    def domainEventRegisterAny(  # noqa: N802 - libvirt's name
        self, _domain: None, event: int, callback: object, ring: object
    ) -> int:
        self.callbacks[event] = (callback, ring)
        return event

    def domainEventDeregisterAny(self, event: int) -> None:  # noqa: N802 - libvirt's name
        del self.callbacks[event]


def test_every_kind_of_event_rings_for_its_vm_and_the_end_for_all() -> None:
    exchange, rung = Exchange(), list[VmUuid | None]()
    subscription = Subscription(exchange, rung.append)  # pyright: ignore[reportArgumentType]
    details = {
        libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE: (5, 1),
        libvirt.VIR_DOMAIN_EVENT_ID_REBOOT: (),
    }
    for event, (callback, ring) in exchange.callbacks.items():
        assert callable(callback)
        callback(exchange, FakeDomain(A), *details.get(event, (1, "urn:x")), ring)
    assert rung == [A, A, A]
    assert exchange.on_close is not None
    callback, ring = exchange.on_close
    assert callable(callback)
    callback(exchange, 0, ring)
    assert rung[-1] is None
    subscription.end()
    assert (exchange.callbacks, exchange.on_close) == ({}, None)


def test_there_is_one_event_loop_however_often_it_is_started() -> None:
    start_event_loop()
    start_event_loop()
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("libvirt-events") == 1
