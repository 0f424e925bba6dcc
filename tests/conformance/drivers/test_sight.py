"""The witness sees a real daemon, by each of the two ways to it."""

import pytest

from tests.conformance.drivers.rigs import fresh
from vmuster.demo.hosts import SessionHost
from vmuster.drivers.libvirt.sight import sockets_of, witness_of
from vmuster.drivers.listeners import listener_on_port, listener_on_socket
from vmuster.drivers.witness import ProcWitness
from vmuster.model.host import LocalProfile

pytestmark = pytest.mark.real


def test_the_daemon_behind_a_socket_or_a_port_is_found(hosts: list[SessionHost]) -> None:
    for host in hosts:
        runtime = {"XDG_RUNTIME_DIR": str(host.folder / "run")}
        sockets = sockets_of(LocalProfile(scope="session"), runtime)
        assert listener_on_socket(sockets) == host.daemon_pid
        assert listener_on_port(host.port) == host.daemon_pid


def test_what_is_not_there_is_denied_only_while_the_daemon_is_seen(
    hosts: list[SessionHost],
) -> None:
    host = hosts[0]
    witness, vm = witness_of(host.profile), fresh()
    assert witness.holds(vm) is False
    host.kill_daemon()
    try:
        assert witness.holds(vm) is None
    finally:
        host.start()
    assert witness.holds(vm) is False
    assert ProcWitness(lambda: host.daemon_pid).held() is not None
