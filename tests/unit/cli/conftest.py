"""The commands against a real server: host alpha in MANAGE, the others known to nobody yet."""

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.served import KEYS, Served, served
from vmuster.cli.main import cli
from vmuster.model.host import Host

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def world() -> Generator[Served]:
    with served("alpha", "beta", "gamma", "delta") as world:
        yield world


@pytest.fixture(scope="module")
def alpha(world: Served) -> Host:
    return world.add_host("alpha")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command that knows of no server."""
    for name in ("VMUSTER_URL", "VMUSTER_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("VMUSTER_STATE_DIR", str(tmp_path / "state"))
    return lambda *arguments, **more: CliRunner().invoke(
        cli, list(arguments), prog_name="vmuster", **more
    )


@pytest.fixture
def run(alone: Run, world: Served, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command as anna."""
    monkeypatch.setenv("VMUSTER_URL", world.url)
    monkeypatch.setenv("VMUSTER_API_KEY", KEYS["anna"])
    return alone


@pytest.fixture
def data(run: Run) -> Callable[..., Any]:
    """What a command prints as JSON; it must be done, and say nothing else on stdout."""

    def data(*arguments: str) -> Any:
        result = run(*arguments, "-o", "json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return data
