"""The fixed command itself, run by real shells beside real processes."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from vmuster.drivers.ssh.table import COMMAND, read_table
from vmuster.model.ids import VmUuid

ONE, TWO = VmUuid(uuid4()), VmUuid(uuid4())
SYSTEM = [
    "self 77 77",
    "folder /run/user/1",
    "socket 00010000 501 /run/libvirt/libvirt-sock",
    "socket 00000000 502 /run/libvirt/libvirt-sock",
    "daemon 1 systemd",
    "socket:[400]",
    "daemon 9 libvirtd",
    "socket:[500]",
    "socket:[501]",
]
SESSION = [line.replace("/run/libvirt", "/run/user/1/libvirt") for line in SYSTEM]
BY_FILE = [line for line in SYSTEM if not line.startswith("socket:")] + ["pidfile 9"]
CANARY = ("-uuid", "/proc/self/cmdline")
LINE = "vmuster-77"


def ask(what: str, shell: str = "/bin/sh", path: str = os.environ["PATH"]) -> tuple[bytes, int]:
    """What the command answers here, and the process that it was."""
    process = subprocess.Popen(
        [shell, "-c", COMMAND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PATH": path, "HOME": "/"},
    )
    answer, _ = process.communicate(f"word {what}\nword2 alive\n".encode(), timeout=60)
    return answer, process.pid


@contextmanager
def running(*arguments: str) -> Generator[None]:
    """A process with these arguments."""
    command = [sys.executable, "-c", "print(flush=True); input()", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"  # it is itself by now
        yield
        _ = process.communicate(b"\n", timeout=60)


def with_a_daemon(answer: bytes) -> bytes:
    """The account of a machine on which the hypervisor's daemon runs."""
    account = answer.removesuffix(b"\nword\n\nword2\n")
    return account.replace(b"\narguments\n", b"\npidfile 9\ndaemon 9 libvirtd\narguments\n")


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_the_command_gives_such_an_account(shell: str) -> None:
    line = uuid4().hex
    with running("-uuid", str(ONE)), running(line):
        answer, pid = ask(f"look {line}", shell)
    assert answer.startswith(f"self {pid} {pid}\nfolder ".encode())
    assert answer.endswith(b"\nword\n\nword2\n")
    seen = read_table(with_a_daemon(answer), "system", line)
    assert seen.whole
    assert ONE in seen.held
    assert TWO not in seen.held


def test_the_command_does_not_take_itself_for_the_drivers_line() -> None:
    line = uuid4().hex
    with running("-uuid", str(ONE)):
        seen = read_table(with_a_daemon(ask(f"look {line}")[0]), "system", line)
    assert (seen.whole, ONE in seen.held) == (False, True)


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param("| head -z -n 2", id="cut short, and nobody says so"),
        pytest.param("; kill -9 $$", id="killed"),
        pytest.param("; echo grep: /proc/1/cmdline: Input/output error >&2; exit 2", id="unread"),
    ],
)
def test_a_search_that_dies_proves_nothing(tmp_path: Path, ends: str) -> None:
    grep = shutil.which("grep")
    tool = tmp_path / "grep"
    _ = tool.write_text(
        f'#!/bin/sh\ncase "$*" in *cmdline*) {grep} "$@" {ends} ;; *) exec {grep} "$@" ;; esac\n'
    )
    tool.chmod(0o755)
    line = uuid4().hex
    with running(line):
        answer, _ = ask(f"look {line}", path=f"{tmp_path}:{os.environ['PATH']}")
        assert answer.endswith(b"\nword\n\nword2\n")
        assert not read_table(with_a_daemon(answer), "system", line).whole


def test_while_one_looks_or_is_stuck_nobody_else_does(tmp_path: Path) -> None:
    """Nothing over there can end a reader that is stuck in the kernel, so there is no second."""
    os.mkfifo(tmp_path / "stuck")
    tool = tmp_path / "grep"
    _ = tool.write_text(
        f'#!/bin/sh\ncase "$*" in *cmdline*) echo >>{tmp_path}/began; read x <{tmp_path}/stuck;; '
        f'*) exec {shutil.which("grep")} "$@";; esac\n'
    )
    tool.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    stuck = threading.Thread(target=ask, args=("look x", "/bin/sh", path))
    stuck.start()
    try:
        deadline = time.monotonic() + 20
        while not (tmp_path / "began").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        answer, _ = ask("look x", path=path)
        assert answer.endswith(b"\narguments\n\nword\n\nword2\n")
        assert (tmp_path / "began").read_text() == "\n"
    finally:
        (tmp_path / "stuck").write_text("go on\n")
        stuck.join(20)
    line = uuid4().hex
    with running(line):
        assert read_table(with_a_daemon(ask(f"look {line}")[0]), "system", line).whole


def test_one_that_has_looked_is_in_nobodys_way() -> None:
    """Each server keeps its command over there, from one question to the next."""
    line = uuid4().hex
    with (
        running(line),
        subprocess.Popen(
            ["/bin/sh", "-c", COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        ) as kept,
    ):
        assert kept.stdin is not None
        assert kept.stdout is not None
        _ = kept.stdin.write(b"first look x\nsecond alive\n")
        while kept.stdout.readline() != b"second\n":
            pass
        assert read_table(with_a_daemon(ask(f"look {line}")[0]), "system", line).whole
        kept.stdin.close()


def test_a_sign_of_life_costs_no_look() -> None:
    assert ask("alive")[0] == b"\nword\n\nword2\n"


def test_the_command_needs_no_quotes_of_the_kind_that_surround_it() -> None:
    assert "'" not in COMMAND
    assert os.linesep == "\n"
