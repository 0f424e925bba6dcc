"""What is made of libvirt's errors; and that no daemon is started by connecting."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.unit.drivers.libvirt.doubles import FakeConnection, error
from vmuster.drivers.libvirt.connection import connect, explain
from vmuster.ports.driver import DriverError

FAILURE = error(libvirt.VIR_ERR_OPERATION_FAILED)


@pytest.mark.parametrize("deed", [True, False])
def test_an_error_on_a_living_connection_is_just_that(deed: bool) -> None:
    explained = explain(FAILURE, FakeConnection().real, deed=deed)
    assert (explained.broken, explained.unknown) == (False, False)


@pytest.mark.parametrize("deed", [True, False])
def test_only_a_deed_on_a_dead_connection_has_an_unknown_outcome(deed: bool) -> None:
    explained = explain(FAILURE, FakeConnection(alive=False).real, deed=deed)
    assert (explained.broken, explained.unknown) == (True, deed)


def test_no_connection_is_a_broken_one() -> None:
    assert explain(FAILURE, None).broken


def test_our_own_error_keeps_what_it_says() -> None:
    explained = explain(DriverError("why", unknown=True), FakeConnection().real)
    assert (str(explained), explained.unknown, explained.broken) == ("why", True, False)


def test_text_from_the_other_side_is_bounded_and_visible() -> None:
    text = str(explain(error(1, "\x1b]0;\u202e" + "x" * 100_000), FakeConnection().real))
    assert len(text) < 1000
    assert text.isprintable()


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("Cannot recv data: Host key verification failed.: reset", "ssh host key that is pinned"),
        ("root@h: Permission denied (publickey).: reset", "does not accept our ssh key"),
        ("ssh: connect to host h port 22: No route to host", "can't be reached over ssh"),
        ("Connection timed out during banner exchange", "does not greet over ssh"),
        ("virt-ssh-helper: cannot connect to '/run/x'", "its libvirt daemon does not"),
        ("ssh: Could not resolve hostname h: Name or service not known", "name is not known"),
    ],
)
def test_what_ssh_says_comes_with_plain_words(said: str, plain: str) -> None:
    words = str(explain(error(1, said), None))
    assert plain in words
    assert said in words


def test_of_a_banner_that_fills_the_page_the_plain_words_remain() -> None:
    words = str(explain(error(1, "@" * 60 + " REMOTE HOST IDENTIFICATION HAS CHANGED!"), None))
    assert "ssh host key that is pinned" in words
    assert "@" not in words


def test_any_other_error_is_said_as_it_is() -> None:
    assert str(explain(error(1, "Permission denied"), None)) == "Permission denied"


def test_where_no_daemon_listens_it_says_that_none_is_started() -> None:
    said = "Failed to connect socket to '/run/user/7/libvirt/libvirt-sock': No such file"
    assert "vmuster starts none" in str(explain(error(1, said), None))


def test_root_has_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(DriverError, match="root has no session"):
        connect("qemu:///session", read_only=True)


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of a user who is not root, with no daemon."""
    folder = Path(tempfile.mkdtemp(prefix="vmuster-"))
    if os.geteuid() == 0:
        os.chown(folder, *_nobody())
    yield folder
    for pid in started_for(folder):
        os.kill(pid, 9)
    shutil.rmtree(folder)


def _nobody() -> tuple[int, int]:
    account = pwd.getpwnam("nobody")
    return account.pw_uid, account.pw_gid


def started_for(home: Path) -> list[int]:
    """The processes that have this home."""
    found: list[int] = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={home}".encode() in (place / "environ").read_bytes().split(b"\0"):
                found.append(int(place.name))
        except OSError:
            continue
    return found


def run_in(home: Path, *command: str) -> str:
    """What a program says that is run as the user of `home`."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    become: list[str] = []
    if os.geteuid() == 0:
        uid, gid = _nobody()
        become = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    ran = subprocess.run(
        [*become, *command], env=environment, capture_output=True, text=True, check=False
    )
    return ran.stdout + ran.stderr


KNOCK = """
from vmuster.drivers.libvirt.connection import connect, explain
try:
    connect("qemu:///session", read_only=True)
except Exception as error:
    print(explain(error, None))
"""


@pytest.mark.real
def test_a_look_at_a_session_without_a_daemon_starts_none(home: Path) -> None:
    assert "vmuster starts none" in run_in(home, sys.executable, "-c", KNOCK)
    assert started_for(home) == []


@pytest.mark.real
def test_neither_does_what_runs_at_the_far_end_of_ssh(home: Path) -> None:
    helper = ("virt-ssh-helper", "-r", "qemu:///session")
    said = run_in(home, "env", "LIBVIRT_AUTOSTART=0", *helper)
    assert "vmuster starts none" in str(explain(error(1, said), None))
    assert started_for(home) == []
