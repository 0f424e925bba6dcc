"""Session hosts: they start, survive what they should, and leave nothing behind."""

import time
from pathlib import Path
from uuid import uuid4

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import pytest

from vmuster.demo.guests import Behaviour
from vmuster.demo.hosts import session_hosts

pytestmark = pytest.mark.real

DEADLINE_SECONDS = 20.0


def ended(domain: libvirt.virDomain) -> list[object]:
    """State and reason of a domain once it is off."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while domain.isActive():
        assert time.monotonic() < deadline, "it runs on"
        time.sleep(0.02)
    return [*domain.state()]


def test_guests_outlive_the_daemon_and_nothing_outlives_the_host() -> None:
    with session_hosts(2) as (one, two):
        assert one.host_uuid != two.host_uuid
        assert one.profile.port != two.profile.port
        vm = uuid4()
        _ = one.define("guest", vm).create()
        pid = one.guest_pids()[vm]
        one.kill_daemon()
        assert one.guest_pids() == {vm: pid}
        one.start()
        assert one.hand.lookupByUUID(vm.bytes).isActive() == 1
        assert two.guest_pids() == {}
        daemons = [one.daemon_pid, two.daemon_pid]
        folder = one.folder
    assert not folder.exists()
    assert not [number for number in (pid, *daemons) if _runs(number)]


def test_guests_behave_as_they_are_made() -> None:
    with session_hosts(1) as (host,):
        expected = {
            Behaviour.SHORT: [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_SHUTDOWN],
            Behaviour.CRASHING: [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_CRASHED],
        }
        guests = {
            behaviour: host.define(behaviour.name, uuid4(), behaviour, 1) for behaviour in expected
        }
        for domain in guests.values():
            _ = domain.create()
        assert {behaviour: ended(domain) for behaviour, domain in guests.items()} == expected


def _runs(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
