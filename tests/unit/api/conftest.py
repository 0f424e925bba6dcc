"""One served fleet for each file: host alpha in MANAGE, the others known to nobody yet."""

from collections.abc import Generator

import httpx2
import pytest

from tests.running import PATIENCE_SECONDS
from tests.served import KEYS, Served, served
from vmuster.model.host import Host


@pytest.fixture(scope="module")
def world() -> Generator[Served]:
    with served("alpha", "beta", "gamma") as world:
        yield world


@pytest.fixture(scope="module")
def alpha(world: Served) -> Host:
    return world.add_host("alpha")


@pytest.fixture
def http(world: Served) -> Generator[httpx2.Client]:
    """Requests with anna's key."""
    headers = {"Authorization": f"Bearer {KEYS['anna']}"}
    with httpx2.Client(
        base_url=f"{world.url}/api/v1/", headers=headers, timeout=PATIENCE_SECONDS
    ) as http:
        yield http


@pytest.fixture
def stranger(world: Served) -> Generator[httpx2.Client]:
    """Requests without a key."""
    with httpx2.Client(base_url=world.url, timeout=PATIENCE_SECONDS) as http:
        yield http
