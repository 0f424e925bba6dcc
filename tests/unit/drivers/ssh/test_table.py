"""What an account of a process table says; each doubt alone makes it say less, and never more."""

import os
import shutil
import subprocess
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.drivers.ssh.table import COMMAND, Scope, Table, read_table
from vmuster.model.ids import VmUuid

ONE, TWO = VmUuid(uuid4()), VmUuid(uuid4())
SYSTEM = [
    "self 77 77",
    "folder /run/user/1",
    "socket 00010000 501 /run/libvirt/libvirt-sock",
    "socket 00000000 502 /run/libvirt/libvirt-sock",
    "daemon 1",
    "socket:[400]",
    "daemon 9",
    "socket:[500]",
    "socket:[501]",
]
SESSION = [line.replace("/run/libvirt", "/run/user/1/libvirt") for line in SYSTEM]
BY_FILE = [line for line in SYSTEM if not line.startswith("socket:")] + ["pidfile 9"]
CANARY = ("-uuid", "/proc/self/cmdline")
NOTHING = Table(held=frozenset(), whole=False)


def account(lines: list[str], *arguments: str, canary: tuple[str, ...] = CANARY) -> bytes:
    """An account with these lines, of processes with these arguments."""
    words = "".join(f"{word}\0" for word in (*canary, *arguments))
    return "".join(f"{line}\n" for line in [*lines, "arguments"]).encode() + words.encode()


def whole(lines: list[str], scope: Scope = "system") -> bool:
    return read_table(account(lines), scope).whole


def test_processes_that_hold_a_vm_are_seen() -> None:
    seen = read_table(account(SYSTEM, "-uuid", str(ONE), "-uuid", str(TWO)), "system")
    assert seen == Table(held=frozenset({ONE, TWO}), whole=True)


def test_an_argument_that_is_no_uuid_is_nothing() -> None:
    seen = read_table(account(SYSTEM, "-uuid", "x", "-uuid", str(ONE), "-uuid"), "system")
    assert seen == Table(held=frozenset({ONE}), whole=True)


@pytest.mark.parametrize(
    ("lines", "scope"), [(SYSTEM, "system"), (SESSION, "session"), (BY_FILE, "system")]
)
def test_a_table_in_which_the_daemon_is_seen_is_whole(lines: list[str], scope: Scope) -> None:
    assert whole(lines, scope)
    noisy = ["Welcome to this machine", *lines]
    assert whole(noisy, scope)


@pytest.mark.parametrize("lines", [SYSTEM, BY_FILE])
@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("self 77 77", "self 77 78"),
        ("self 77 77", "self  77"),
        ("self 77 77", "nothing"),
        ("self 77 77", "self 77 77\nself 78 78"),
        ("folder /run/user/1", "hidden 5"),
        ("daemon 9", "daemon 8"),
        ("daemon 9", "nothing"),
    ],
)
def test_one_doubt_is_enough(lines: list[str], line: str, instead: str) -> None:
    changed = [instead if given == line else given for given in lines]
    assert changed != lines
    if lines is SYSTEM and line == "daemon 9":
        # Any process that holds the socket is the daemon; without it, none does.
        changed = [given for given in changed if given != "socket:[501]"]
    assert not whole(changed)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("socket 00010000 501 /run/libvirt/libvirt-sock", "nothing"),
        (
            "socket 00010000 501 /run/libvirt/libvirt-sock",
            "socket 00010000 501 @/run/libvirt/libvirt-sock",
        ),
        (
            "socket 00010000 501 /run/libvirt/libvirt-sock",
            "socket 00010000 501 /srv/run/libvirt/libvirt-sock",
        ),
        (
            "socket 00010000 501 /run/libvirt/libvirt-sock",
            "socket 00000000 501 /run/libvirt/libvirt-sock",
        ),
        ("socket:[501]", "socket:[503]"),
    ],
)
def test_a_daemon_is_known_by_the_socket_that_it_listens_on(line: str, instead: str) -> None:
    assert not whole([instead if given == line else given for given in SYSTEM])


def test_the_daemon_of_one_scope_is_not_the_others() -> None:
    assert not whole(SYSTEM, "session")
    assert not whole(SESSION, "system")
    assert not whole(BY_FILE, "session")


@pytest.mark.parametrize("canary", [(), ("-uuid",), ("-uuid", str(ONE)), CANARY[::-1]])
def test_a_search_that_does_not_find_itself_proves_nothing(canary: tuple[str, ...]) -> None:
    seen = read_table(account(SYSTEM, "-uuid", str(TWO), canary=canary), "system")
    assert not seen.whole
    assert TWO in seen.held


def test_an_account_without_arguments_says_nothing() -> None:
    assert read_table(b"", "system") == NOTHING
    assert read_table("\n".join(SYSTEM).encode(), "system") == NOTHING


@given(st.binary())
def test_any_bytes_are_read_and_prove_nothing(noise: bytes) -> None:
    assert not read_table(noise, "system").whole


def ask(what: str, shell: str = "/bin/sh") -> tuple[bytes, int]:
    """What the command answers here, and the process that it was."""
    process = subprocess.Popen(
        [shell, "-c", COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False
    )
    answer, _ = process.communicate(f"word {what}\nword2 alive\n".encode(), timeout=60)
    return answer, process.pid


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_the_command_gives_such_an_account(shell: str) -> None:
    script = "import sys; sys.stdin.read()"
    holder = subprocess.Popen(
        [shutil.which("python3") or "python3", "-c", script, "-uuid", str(ONE)],
        stdin=subprocess.PIPE,
    )
    try:
        while str(ONE).encode() not in _arguments(holder.pid):  # until it has become python
            assert holder.poll() is None
        answer, pid = ask("look", shell)
    finally:
        holder.communicate(timeout=60)
    assert answer.startswith(f"self {pid} {pid}\nfolder ".encode())
    assert answer.endswith(b"\nword\n\nword2\n")
    arguments = answer.partition(b"\narguments\n")[2].split(b"\0")
    assert arguments[:2] == [b"-uuid", b"/proc/self/cmdline"]
    assert ONE in read_table(answer, "system").held
    assert TWO not in read_table(answer, "system").held


def test_a_sign_of_life_costs_no_look() -> None:
    assert ask("alive")[0] == b"\nword\n\nword2\n"


def _arguments(pid: int) -> bytes:
    with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123  # a moment in a loop
        return file.read()


def test_the_command_needs_no_quotes_of_the_kind_that_surround_it() -> None:
    assert "'" not in COMMAND
    assert os.linesep == "\n"
