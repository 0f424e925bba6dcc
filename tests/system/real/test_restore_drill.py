"""The drill, by the commands that a person types, over real servers and hypervisors (F60)."""

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.conformance.drivers.libvirt_rig import LibvirtRig
from tests.torture.server_process import ServerProcess
from tests.torture.stage import until
from vmuster.client.profile import load_profile
from vmuster.client.rest import Client
from vmuster.demo.hosts import SessionHost
from vmuster.model.ids import VmUuid

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

_COMMAND_SECONDS = 60.0
_QUICK = {"report_seconds": 0.3, "quiet_seconds": 0, "steady_seconds": 0}


class Machine:
    """A server's machine: its state folder, the server, and a shell."""

    def __init__(self, folder: Path, rig: LibvirtRig) -> None:
        self.state = folder / "state"
        self.state.mkdir(mode=0o700)
        self.folder = folder
        self.rig = rig
        self.server = ServerProcess(self.state)

    def start(self) -> None:
        self.server.spawn()
        self.server.until_it_answers()

    def vmuster(self, *words: str, status: int = 0) -> str:
        """What a command prints; it ends with this status."""
        done = subprocess.run(
            [sys.executable, "-m", "vmuster.cli", *words],
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
            env={"VMUSTER_STATE_DIR": str(self.state), "HOME": str(self.folder)},
        )
        assert done.returncode == status, (words, done.stdout, done.stderr)
        return done.stdout

    def data(self, *words: str) -> Any:
        return json.loads(self.vmuster(*words, "-o", "json"))

    def client(self) -> Client:
        files = [self.state / "client.toml"]
        return Client(load_profile(url="", key="", environ={}, files=files))

    def ours(self, name: str) -> VmUuid:
        """A running VM that was adopted."""
        vm = self.rig.define(name=name, running=True)
        until(lambda: self._standing(vm), f"{name} is seen")
        self.vmuster("vm", "adopt", str(vm))
        until(lambda: self._standing(vm) == "owned", f"{name} is ours")
        return vm

    def _standing(self, vm: UUID) -> str:
        vms = {each["uuid"]: each["standing"] for each in self.data("vm", "list")}
        return str(vms.get(str(vm)) or "")


@pytest.fixture
def machine(hosts: list[SessionHost], tmp_path: Path) -> Generator[Machine]:
    rig = LibvirtRig(*hosts)
    machine = Machine(tmp_path, rig)
    machine.start()
    try:
        with machine.client() as client:
            client.set_policy("default", _QUICK)
            client.add_host("alpha", {"kind": "loopback", "port": hosts[0].port})
            client.host("alpha", wait_seconds=20)
            client.set_mode("alpha", "manage")
        yield machine
    finally:
        machine.server.stop()
        rig.clean()


def test_the_drill(machine: Machine) -> None:
    """Nothing is stopped by an old database that was put back, and what it forgot is adopted."""
    old = machine.ours("i-2-1-VM")
    backup, keys = str(machine.folder / "monday.db"), str(machine.folder / "keys.tar")
    anchor = machine.data("backup", "create", backup)["anchor"]
    machine.vmuster("backup", "keys", keys)
    new = machine.ours("i-2-2-VM")
    pids = machine.rig.host.guest_pids()

    machine.vmuster("restore", backup, "--yes", status=1)
    machine.server.stop()
    machine.vmuster("restore", backup, "--keys", keys, "--yes")
    machine.start()
    assert machine.data("status")["quarantine"] is not None
    assert json.loads(machine.vmuster("doctor", "-o", "json", status=1))["running"]
    machine.vmuster("vm", "stop", str(old), status=1)
    machine.vmuster("journal", "verify", "--anchor", anchor)
    until(lambda: left(machine), "the quarantine is left")
    orphans = machine.data("vm", "list", "--standing", "orphan")
    assert [each["uuid"] for each in orphans] == [str(new)]
    until(lambda: done(machine, "vm", "adopt", str(new)), "it is adopted again")
    until(
        lambda: len(machine.data("vm", "list", "--standing", "owned")) == 2, "both are ours again"
    )
    machine.vmuster("arm", "--yes")
    assert machine.rig.host.guest_pids() == pids


def left(machine: Machine) -> bool:
    """Whether the quarantine could be left: the host has given a whole account since."""
    with machine.client() as client:
        if client.status()["quarantine"] is None:
            return True
    return done(machine, "quarantine", "leave", "--yes")


def done(machine: Machine, *words: str) -> bool:
    """Whether a command could be done now: hosts speak anew after a quarantine."""
    try:
        machine.vmuster(*words)
    except AssertionError:
        return False
    return True
