"""A server that answers a client over real HTTP."""

from collections.abc import Generator

import pytest

from tests.served import Served, served
from vmuster.client.rest import Client
from vmuster.model.host import Host


@pytest.fixture(scope="module")
def world() -> Generator[Served]:
    with served("alpha", "beta") as world:
        yield world


@pytest.fixture(scope="module")
def alpha(world: Served) -> Host:
    return world.add_host("alpha")


@pytest.fixture
def client(world: Served) -> Generator[Client]:
    with world.client() as client:
        yield client
