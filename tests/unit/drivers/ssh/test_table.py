"""What an account of a process table says; each doubt alone makes it say less, and never more."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.drivers.ssh.table import Scope, Table, read_table
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
NOTHING = Table(held=frozenset(), whole=False)


def account(
    lines: list[str],
    *arguments: str,
    first: tuple[str, ...] = CANARY,
    last: tuple[str, ...] = CANARY,
    end: str = "ended 0",
) -> bytes:
    """An account with these lines, of processes with these arguments."""
    words = "".join(f"{word}\0" for word in (*first, *arguments, *last)) + end
    return "".join(f"{line}\n" for line in [*lines, "arguments"]).encode() + words.encode()


def whole(lines: list[str], scope: Scope = "system") -> bool:
    return read_table(account(lines, LINE), scope, LINE).whole


def test_processes_that_hold_a_vm_are_seen() -> None:
    seen = read_table(account(SYSTEM, "-uuid", str(ONE), LINE, "-uuid", str(TWO)), "system", LINE)
    assert seen == Table(held=frozenset({ONE, TWO}), whole=True)


def test_an_argument_that_is_no_uuid_is_nothing() -> None:
    seen = read_table(account(SYSTEM, "-uuid", "x", LINE, "-uuid", str(ONE)), "system", LINE)
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
        ("daemon 9 libvirtd", "daemon 8 libvirtd"),
        ("daemon 9 libvirtd", "nothing"),
    ],
)
def test_one_doubt_is_enough(lines: list[str], line: str, instead: str) -> None:
    changed = [instead if given == line else given for given in lines]
    assert changed != lines
    if lines is SYSTEM and line == "daemon 9 libvirtd":
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


@pytest.mark.parametrize("name", ["systemd", "libvirt", ""])
def test_a_process_id_in_a_file_is_a_daemons_only_where_that_has_its_name(name: str) -> None:
    """Process 1 is somebody in every container that shares the file."""
    named = [line.replace("daemon 9 libvirtd", f"daemon 9 {name}") for line in BY_FILE]
    assert not whole(named)


@pytest.mark.parametrize("canary", [(), ("-uuid",), ("-uuid", str(ONE)), CANARY[::-1]])
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_search_that_does_not_find_itself_at_both_ends_proves_nothing(
    place: str, canary: tuple[str, ...]
) -> None:
    """It may have been ended before it came to a VM."""
    told = {"first": CANARY, "last": CANARY} | {place: canary}
    cut = account(SYSTEM, LINE, "-uuid", str(TWO), first=told["first"], last=told["last"])
    seen = read_table(cut, "system", LINE)
    assert not seen.whole
    assert TWO in seen.held


def test_what_is_found_first_is_not_also_found_last() -> None:
    assert not read_table(account(SYSTEM, last=()), "system", "-uuid").whole
    assert read_table(account(SYSTEM), "system", "-uuid").whole


@pytest.mark.parametrize(
    "end",
    ["", "ended 137", "ended 1", "grep: /proc/7/cmdline: Input/output error\nended 2", "ended 0 "],
)
def test_a_search_that_did_not_end_well_proves_nothing(end: str) -> None:
    seen = read_table(account(SYSTEM, LINE, "-uuid", str(TWO), end=end), "system", LINE)
    assert seen == Table(held=frozenset({TWO}), whole=False)
    went = account(SYSTEM, LINE, "-uuid", str(TWO), end="ended 2")  # a process went meanwhile
    assert read_table(went, "system", LINE).whole


@pytest.mark.parametrize("arguments", [(), ("vmuster-78",), (f"{LINE}8",), (f"-c {LINE}",)])
def test_where_the_drivers_line_does_not_end_is_another_machine(arguments: tuple[str, ...]) -> None:
    seen = read_table(account(SYSTEM, *arguments, "-uuid", str(TWO)), "system", LINE)
    assert seen == Table(held=frozenset({TWO}), whole=False)


def test_an_account_without_arguments_says_nothing() -> None:
    assert read_table(b"", "system", LINE) == NOTHING
    assert read_table("\n".join(SYSTEM).encode(), "system", LINE) == NOTHING


@given(st.binary())
def test_any_bytes_are_read_and_prove_nothing(noise: bytes) -> None:
    assert not read_table(noise, "system", LINE).whole
