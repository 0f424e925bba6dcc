"""Every world, for every test of the suite. The real one is started once per test session."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conformance.drivers.libvirt_rig import LibvirtRig
from tests.conformance.drivers.rigs import Rig
from tests.conformance.drivers.sim_rig import SimRig
from tests.conformance.drivers.simulated_rig import SimulatedRig
from vmuster.demo.hosts import SessionHost, session_hosts
from vmuster.ports.driver import Driver


@pytest.fixture(scope="session")
def hosts() -> Iterator[list[SessionHost]]:
    with session_hosts(2) as running:
        yield running


@pytest.fixture
def real_rig(hosts: list[SessionHost]) -> Iterator[LibvirtRig]:
    rig = LibvirtRig(*hosts)
    yield rig
    rig.clean()


@pytest.fixture(params=["simulated", "sim", pytest.param("libvirt", marks=pytest.mark.real)])
def rig(request: pytest.FixtureRequest) -> Rig:
    if request.param == "simulated":
        return SimulatedRig()
    if request.param == "sim":
        return SimRig()
    real: Rig = request.getfixturevalue("real_rig")
    return real


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def driver(rig: Rig, anyio_backend: str) -> AsyncIterator[Driver]:
    """A driver that may act, and is open."""
    opened = rig.driver()
    _ = await opened.open(read_only=False)
    yield opened
    await opened.close()
