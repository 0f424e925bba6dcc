"""The driver against a host that is not there. (All else: tests/conformance/drivers.)"""

import asyncio
import socket
import threading
import time
from pathlib import Path
from uuid import UUID

import pytest

from vmuster.drivers.libvirt.address import SshWay
from vmuster.drivers.libvirt.driver import LibvirtDriver
from vmuster.drivers.ssh.witness import NoWitness
from vmuster.drivers.witness import ProcWitness
from vmuster.model.host import LoopbackProfile, SshProfile
from vmuster.model.ids import VmUuid
from vmuster.model.permits import Refusal
from vmuster.ports.driver import Bell, DriverError

VM = VmUuid(UUID(int=1))
CALL_SECONDS = 0.3


def driver_for(port: int) -> LibvirtDriver:
    return LibvirtDriver(LoopbackProfile(port=port), ProcWitness(), call_seconds=CALL_SECONDS)


def test_every_call_before_open_says_that_there_is_no_connection() -> None:
    driver = driver_for(1)

    async def story() -> None:
        for call in (
            driver.list_vms(),
            driver.look([VM]),
            driver.stop_vm(VM, lambda _: Refusal(reason="no")),
            driver.erase_mark(VM, lambda _: Refusal(reason="no")),
        ):
            with pytest.raises(DriverError, match="not connected") as error:
                _ = await call
            assert error.value.broken

    asyncio.run(story())


def test_a_host_that_accepts_and_says_nothing_costs_few_threads_and_no_more_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        driver = driver_for(silent.getsockname()[1])

        async def story() -> list[str]:
            messages: list[str] = []
            for _ in range(11):
                with pytest.raises(DriverError) as error:
                    _ = await driver.open(read_only=True)
                messages.append(str(error.value))
            began = time.monotonic()
            await driver.close()
            assert time.monotonic() - began < 10
            return messages

        messages = asyncio.run(story())
    assert messages[0].startswith("no answer within")
    assert "still hang" in messages[-1]
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("libvirt-looks") <= 8


def test_pings_of_a_silent_host_cost_one_thread_however_often_they_are_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        driver = driver_for(silent.getsockname()[1])

        async def story() -> list[str]:
            said: list[str] = []
            for _ in range(3):
                with pytest.raises(DriverError) as error:
                    await driver.ping()
                assert error.value.broken
                said.append(str(error.value))
            await driver.close()
            return said

        before = [thread.name for thread in threading.enumerate()].count("libvirt-ping")
        first, *later = asyncio.run(story())
        after = [thread.name for thread in threading.enumerate()].count("libvirt-ping")
    assert first.startswith("no answer within")
    assert set(later) == {"still no answer"}
    assert after - before == 1


def test_only_the_line_of_the_looks_is_named_over_there(tmp_path: Path) -> None:
    """The uuid of its host is asked for at once; another line may lead elsewhere until then."""
    programs = [tmp_path / "ssh", tmp_path / "ssh-named"]
    for program in programs:
        program.write_text(f"#!/bin/sh\necho {program.name} >>{tmp_path}/run\nexit 1\n")
        program.chmod(0o755)
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbM2Zq1kLk8qN0Zt0n8hQ0m7s4cGg5kq4Yl7VQ2xk3B"
    profile = SshProfile(address="127.0.0.1", host_key=key)
    way = SshWay(profile=profile, command=programs[0], naming=programs[1])
    driver = LibvirtDriver(way, NoWitness(), call_seconds=10)

    async def story() -> None:
        for call in (driver.ping(), driver.open(read_only=True), driver.ping()):
            with pytest.raises(DriverError):
                _ = await call
        await driver.close()

    asyncio.run(story())
    assert (tmp_path / "run").read_text().split() == ["ssh", "ssh-named", "ssh"]


def test_a_bell_is_waited_for_without_a_connection() -> None:
    async def story() -> Bell:
        return await asyncio.wait_for(driver_for(1).next_bell(), 0.05)

    with pytest.raises(TimeoutError):
        _ = asyncio.run(story())
