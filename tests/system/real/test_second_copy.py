"""F36: libvirt loses a VM whose QEMU runs on, and then somebody asks for its start.

libvirt says "shut off" of it and would start a second QEMU on the same disk. Two layers stand in
the way, and each is tried alone: the driver's rule, and the agent's guard. Without both, the second
copy does start, which shows that nothing else stands there.
"""

import os
import signal
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import moments
from tests.conformance.drivers.libvirt_rig import LibvirtRig
from tests.conformance.drivers.rigs import leave_to_start, seen
from tests.parts import HOST, NAME, VM
from tests.system.real.fleet import put_mark
from vmuster.agent.executor import Executor
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.demo.hosts import SessionHost
from vmuster.drivers.libvirt import acting
from vmuster.drivers.libvirt.driver import LibvirtDriver
from vmuster.drivers.libvirt.sight import witness_of
from vmuster.model.commands import CommandResult
from vmuster.model.ids import VmUuid
from vmuster.model.messages import Settings
from vmuster.model.permits import LiveVm, Refusal
from vmuster.model.states import CommandOutcome, PowerState
from vmuster.ports.driver import DriverError, Witness
from vmuster.wiring.outside.clock import SystemClock

pytestmark = [pytest.mark.real, pytest.mark.anyio]


class Deceived:
    """A witness that sees nobody, and is sure of it."""

    answer_seconds: float = 1.0

    def holds(self, vm: VmUuid) -> bool | None:
        return False

    def held(self) -> frozenset[VmUuid] | None:
        return frozenset()

    def process(self, vm: VmUuid) -> str:
        return ""

    def strange(self) -> frozenset[VmUuid]:
        return frozenset()

    def alive(self) -> bool | None:
        return True


class Trap:
    """A VM of ours that runs, and that libvirt calls shut off."""

    def __init__(self, rig: LibvirtRig) -> None:
        self.rig = rig
        self.witness = witness_of(rig.host.profile)
        self._define(running=True)
        rig.forget_state()
        self._define(running=False)
        self.before = self.processes()
        assert len(self.before) == 1

    def _define(self, *, running: bool) -> None:
        vm = self.rig.define(vm=VM, name=NAME, running=running)
        put_mark(self.rig, vm, moments.raw())

    def processes(self) -> set[int]:
        """Every QEMU of our VM on this host."""
        found: set[int] = set()
        for process in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                arguments = (process / "cmdline").read_bytes().split(b"\0")
                here = any(bytes(self.rig.host.folder) in argument for argument in arguments)
                if here and b"-uuid" in arguments and str(VM).encode() in arguments:
                    found.add(int(process.name))
        return found

    async def driver(self, witness: Witness) -> LibvirtDriver:
        driver = LibvirtDriver(self.rig.host.profile, witness, call_seconds=15)
        _ = await driver.open(read_only=False)
        return driver

    async def ask(self, driver: LibvirtDriver, folder: Path) -> CommandResult:
        """A person asks our agent for a start."""
        journal = Journal(JournalFile(folder / "home.journal"), HOST)
        executor = Executor(driver, self.witness, journal, SystemClock())
        received = SystemClock().monotonic()
        return await executor.execute(moments.start(automatic=False), _told, received)


def _told() -> tuple[Settings, int] | Refusal:
    return moments.settings(), moments.EPOCH


@pytest.fixture
def trap(hosts: list[SessionHost]) -> Generator[Trap]:
    rig = LibvirtRig(*hosts)
    try:
        trap = Trap(rig)
        yield trap
        for pid in trap.processes():
            os.kill(pid, signal.SIGKILL)
    finally:
        rig.clean()


async def test_the_driver_alone_refuses_whatever_a_judge_permits(trap: Trap) -> None:
    driver = await trap.driver(trap.witness)
    with pytest.raises(DriverError, match="a process holds it") as error:
        _ = await driver.start_vm(VM, leave_to_start(VM))
    assert not error.value.unknown
    await driver.close()
    assert trap.processes() == trap.before


async def test_the_guard_alone_refuses_where_the_drivers_rule_is_off(
    trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_against_it(_live: LiveVm, _held: bool | None) -> str:
        return ""

    monkeypatch.setattr(acting, "why_not_startable", nothing_against_it)
    driver = await trap.driver(trap.witness)
    result = await trap.ask(driver, tmp_path)
    await driver.close()
    assert (result.outcome, result.message) == (
        CommandOutcome.REFUSED,
        "it is not plainly stopped",
    )
    assert trap.processes() == trap.before


async def test_the_guard_asks_its_own_witness_and_believes_no_driver(
    trap: Trap, tmp_path: Path
) -> None:
    """The driver sees no process, so that all it says is "shut off"."""
    driver = await trap.driver(Deceived())
    assert (await seen(driver, VM)).power is PowerState.STOPPED
    result = await trap.ask(driver, tmp_path)
    await driver.close()
    assert (result.outcome, result.message) == (
        CommandOutcome.REFUSED,
        "a process of it is running",
    )
    assert trap.processes() == trap.before


async def test_without_both_there_would_be_two(trap: Trap) -> None:
    driver = await trap.driver(Deceived())
    assert await driver.start_vm(VM, leave_to_start(VM)) is None
    await driver.close()
    assert len(trap.processes() - trap.before) == 1
    assert trap.before < trap.processes()
