"""Two real hypervisor hosts, started once, and over them a fresh fleet on SQLite for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.conformance.drivers.libvirt_rig import LibvirtRig
from tests.system.real.far_fleet import POLICY, FarFleet
from tests.system.real.far_side import FarSide, far_side
from tests.system.real.fleet import RealFleet, real_fleet
from vmuster.demo.hosts import SessionHost, session_hosts


@pytest.fixture(scope="session")
def hosts() -> Iterator[list[SessionHost]]:
    with session_hosts(2) as running:
        yield running


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def fleet(
    hosts: list[SessionHost], tmp_path: Path, anyio_backend: str
) -> AsyncIterator[RealFleet]:
    """The fleet, both hosts under management; strangers run on the first until the end."""
    alpha, beta = LibvirtRig(*hosts), LibvirtRig(*reversed(hosts))
    try:
        async with real_fleet(alpha, beta, tmp_path) as running:
            yield running
    finally:
        alpha.clean()
        beta.clean()


@pytest.fixture
async def far(tmp_path: Path, anyio_backend: str) -> AsyncIterator[FarFleet]:
    """A server with no hosts yet."""
    fleet = FarFleet(tmp_path / "state")
    await fleet.start()
    try:
        await fleet.policy(**POLICY)
        yield fleet
    finally:
        await fleet.stop()


@pytest.fixture
def side(hosts: list[SessionHost], tmp_path: Path) -> Iterator[FarSide]:
    """An sshd before the first host."""
    with far_side(tmp_path / "far", hosts[0]) as running:
        yield running
