"""Two real hypervisor hosts, started once, and over them a fresh fleet on SQLite for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.conformance.drivers.libvirt_rig import LibvirtRig
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
