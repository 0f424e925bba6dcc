"""A server's parts on a bench, for each test."""

import pytest

from tests.servers import Bench, bench


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def parts(anyio_backend: str) -> Bench:
    return await bench()
