"""Benches at a size for tests: fleets are kept where a test keeps its files."""

from collections.abc import Generator
from pathlib import Path

import pytest
import structlog

from bench import fleets


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def own_fleets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Where fleets are kept."""
    monkeypatch.setattr(fleets, "KEPT", tmp_path / "fleets")
    yield tmp_path / "fleets"
    structlog.reset_defaults()
