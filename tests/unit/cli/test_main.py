"""The commands as a whole: help, versions, suggestions, and what they load."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

import click
import pytest

from tests.served import KEYS, Served
from tests.unit.cli.conftest import Run
from vmuster.cli.main import cli, main
from vmuster.model.host import Host

HEAVY = (
    "vmuster.api",
    "vmuster.server",
    "vmuster.stores",
    "vmuster.drivers",
    "vmuster.agent",
    "vmuster.reconcile",
    "sqlalchemy",
    "fastapi",
    "starlette",
    "uvicorn",
    "libvirt",
)
WITHOUT_EXAMPLES = {("version",)}
PROBE = """
import resource, sys
from vmuster.cli.main import main
sys.argv[0] = "vmuster"
try:
    main()
except SystemExit as end:
    print("LOADED", end.code, resource.getrusage(resource.RUSAGE_SELF).ru_utime, *sys.modules)
"""


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name)


def probe(*arguments: str, **environ: str) -> list[str]:
    """Exit status, CPU seconds, and the modules that a command has loaded."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, **environ},
    )
    return run.stdout.rpartition("LOADED ")[2].split()


@pytest.mark.parametrize("words", list(commands(cli)), ids=" ".join)
def test_every_command_has_help(alone: Run, words: tuple[str, ...]) -> None:
    result = alone(*words, "--help")
    assert result.exit_code == 0
    assert "Usage: vmuster" in result.stdout
    assert len(result.stdout.split("\n\n")[1].strip()) > 10
    assert "Examples:" in result.stdout or words in WITHOUT_EXAMPLES


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["hots"], "host"),
        (["host", "shw"], "show"),
        (["vm", "list", "--standin", "x"], "--standing"),
    ],
)
def test_what_was_meant_is_suggested(alone: Run, words: list[str], meant: str) -> None:
    result = alone(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert meant in result.stderr


def test_the_version_is_that_of_the_package(alone: Run) -> None:
    number = version("vmuster")
    assert number in alone("--version").stdout
    assert alone("version").stdout == f"{number}\n"
    assert alone("version", "-o", "json").stdout == f'{{\n  "version": "{number}"\n}}\n'


def test_help_is_light_and_quick() -> None:
    status, seconds, *loaded = probe("--help")
    assert status == "0"
    assert "vmuster.cli.main" in loaded
    assert [name for name in loaded if name.startswith((*HEAVY, "httpx2", "rich"))] == []
    assert float(seconds) < 0.5


@pytest.mark.parametrize(
    "words", [("status",), ("plan",), ("vm", "list"), ("host", "list", "-o", "json"), ("journal",)]
)
def test_a_client_command_loads_no_server(
    world: Served, alpha: Host, words: tuple[str, ...]
) -> None:
    status, _, *loaded = probe(*words, VMUSTER_URL=world.url, VMUSTER_API_KEY=KEYS["anna"])
    assert status == "0"
    assert "vmuster.client.rest" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []


def test_the_entry_point_speaks_for_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["some/path/python", "version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == version("vmuster")


def test_what_a_stream_can_not_show_is_escaped(world: Served, alpha: Host) -> None:
    world.appear(alpha, "müller")
    access = {"VMUSTER_URL": world.url, "VMUSTER_API_KEY": KEYS["anna"]}
    run = subprocess.run(
        [sys.executable, "-m", "vmuster.cli", "vm", "list"],
        capture_output=True,
        timeout=60,
        check=True,
        env={**os.environ, **access, "PYTHONIOENCODING": "ascii"},
    )
    assert rb"m\xfcller" in run.stdout
