"""What runs on a folder that is gone is ended, and nobody else is."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from vmuster.drivers.ssh.folder import take_away
from vmuster.drivers.ssh.leftovers import end_leftovers

Children = list[subprocess.Popen[bytes]]


@pytest.fixture
def children() -> Iterator[Children]:
    made: Children = []
    yield made
    for child in made:
        child.kill()
        child.communicate()


def start(children: Children, folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """A child of ours that runs in `folder`."""
    folder.mkdir(exist_ok=True)
    children.append(subprocess.Popen([*command, "sleep", "60"], cwd=folder, stdout=subprocess.PIPE))
    return children[-1]


def test_only_what_runs_on_the_folder_that_is_gone_is_ended(
    tmp_path: Path, children: Children
) -> None:
    gone = start(children, tmp_path / "h-1")
    other = start(children, tmp_path / "h-2")
    take_away(tmp_path / "h-1")
    again = start(children, tmp_path / "h-1")  # of the next conversation with the same host
    end_leftovers(tmp_path / "h-1")
    assert gone.wait(20) < 0
    assert (other.poll(), again.poll()) == (None, None)


def test_a_grandchild_is_its_parents_matter(tmp_path: Path, children: Children) -> None:
    parent = start(
        children, tmp_path / "h-1", "/bin/sh", "-c", 'cd /; (cd "$OLDPWD"; echo; "$@") ; :', "x"
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"\n"
    take_away(tmp_path / "h-1")
    end_leftovers(tmp_path / "h-1")
    (grandchild,) = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    assert parent.poll() is None
    os.kill(int(grandchild), 9)


def test_a_folder_on_which_nothing_runs_is_no_trouble(tmp_path: Path) -> None:
    end_leftovers(tmp_path / "h-1")
