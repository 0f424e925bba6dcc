"""./dev says what it can do, talks on stderr, and fails as it should."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT

DEV = ROOT / "dev"
COMMANDS = ("demo", "test", "torture", "hands", "bench", "mutants", "check", "lock", "help")


def run(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run ./dev, with the programs of `path` alone where it is given."""
    return subprocess.run(
        [str(DEV), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PATH": path or os.environ["PATH"]},
    )


def test_help_names_every_command() -> None:
    done = run("help")
    assert done.returncode == 0
    assert all(f"./dev {command}" in done.stdout for command in COMMANDS)


def test_an_unknown_command_is_a_mistake_of_usage() -> None:
    done = run("nonsense")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "nonsense" in done.stderr


@pytest.mark.parametrize("script", ["dev", ".ci/run"])
def test_scripts_can_be_run_and_read(script: str) -> None:
    path = ROOT / script
    shell = shutil.which(
        path.read_text(encoding="utf-8").splitlines()[0].split("/")[-1].split()[-1]
    )
    assert os.access(path, os.X_OK)
    assert shell is not None
    assert subprocess.run([shell, "-n", path], check=False, timeout=10).returncode == 0


def test_without_root_and_sudo_it_says_what_to_run(tmp_path: Path) -> None:
    """A machine on which nothing is installed, and a person who may install nothing."""
    for name, body in {"dpkg-query": "exit 1", "id": "echo 1000", "apt-get": "exit 3"}.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        program.chmod(0o755)
    (tmp_path / "dirname").symlink_to(shutil.which("dirname") or "/usr/bin/dirname")
    done = run("test", "--version", path=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "there is no sudo" in done.stderr
    assert "apt-get install --no-install-recommends libvirt-daemon" in done.stderr
