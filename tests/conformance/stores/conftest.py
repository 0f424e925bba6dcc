"""Every store, opened on the same empty house."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.conformance.stores.rows import house
from vmuster.ports.store import Store
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Store]:
    opened: Store = (
        MemoryStore() if request.param == "memory" else open_sqlite(tmp_path / "vmuster.db")
    )
    assert await opened.commit([house()]) == [""]
    yield opened
    await opened.close()
