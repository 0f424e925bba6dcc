"""What is made of libvirt's errors."""

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.unit.drivers.libvirt.doubles import FakeConnection, error
from vmuster.drivers.libvirt.connection import explain
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
