"""Which key of an ssh host is pinned; and when none is."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from vmuster.cli.asking import host_keys
from vmuster.cli.asking.host_keys import fingerprint, pinned_profile
from vmuster.cli.asking.speaking import Failed
from vmuster.client.rest import Client
from vmuster.server.secrets.host_keys import host_key


class Shows:
    """A client of a server that finds these keys."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = keys
        self.asked: list[tuple[str, int]] = []

    def host_keys(self, address: str, *, port: int = 22) -> list[dict[str, Any]]:
        self.asked.append((address, port))
        return list(self.keys)


def key(name: str, kind: str = "ssh-ed25519", *, shown: bool = True, known: bool = False) -> Any:
    return {
        "type": kind,
        "key": f"{kind} {name}",
        "fingerprint": f"SHA256:{name}",
        "shown": shown,
        "known": known,
    }


def pinned(*keys: dict[str, Any], trust_first: bool = False, ask: bool = False, **more: Any) -> str:
    profile = {"kind": "ssh", "address": "a.example", **more}
    client = cast("Client", Shows(*keys))
    return pinned_profile(client, profile, trust_first=trust_first, ask=ask)["host_key"]


def _says(answer: bool) -> Callable[[str], bool]:
    return lambda _what: answer


def test_a_key_that_is_given_is_not_looked_for() -> None:
    shows = Shows()
    profile = {"kind": "ssh", "address": "a", "host_key": "ssh-ed25519 AAAA"}
    client = cast("Client", shows)
    assert pinned_profile(client, profile, trust_first=False, ask=False) == profile
    local = {"kind": "local"}
    assert pinned_profile(client, local, trust_first=True, ask=True) == local
    assert shows.asked == []


def test_the_port_that_is_asked_is_the_one_of_the_host() -> None:
    shows = Shows(key("a", known=True))
    profile = {"kind": "ssh", "address": "a", "port": 2222}
    pinned_profile(cast("Client", shows), profile, trust_first=False, ask=False)
    assert shows.asked == [("a", 2222)]


def test_known_hosts_decides_where_it_knows() -> None:
    assert pinned(key("new"), key("old", "ssh-rsa", known=True)) == "ssh-rsa old"
    two = (key("rsa", "ssh-rsa", known=True), key("ed", known=True))
    assert pinned(*two) == "ssh-ed25519 ed"


@pytest.mark.parametrize("trust_first", [False, True])
def test_other_keys_than_the_known_ones_are_never_taken(trust_first: bool) -> None:
    with pytest.raises(Failed, match="other keys"):
        pinned(key("new"), key("old", shown=False, known=True), trust_first=trust_first)


def test_a_fingerprint_chooses_a_key_that_is_shown() -> None:
    keys = (key("one"), key("two", "ssh-rsa"), key("gone", shown=False, known=True))
    assert pinned(*keys, host_key="SHA256:two") == "ssh-rsa two"
    for wrong in ("SHA256:three", "SHA256:gone"):
        with pytest.raises(Failed, match="no key with the fingerprint"):
            pinned(*keys, host_key=wrong, trust_first=True)


def test_who_shows_nothing_is_not_pinned() -> None:
    with pytest.raises(Failed, match="no ssh server"):
        pinned(key("old", shown=False, known=True), trust_first=True)


def test_the_first_key_is_trusted_only_on_demand() -> None:
    keys = (key("b", "ssh-rsa"), key("a"))
    assert pinned(*keys, trust_first=True) == "ssh-ed25519 a"
    with pytest.raises(Failed, match="SHA256:a") as caught:
        pinned(*keys)
    assert "--trust-first-key" in caught.value.hint


@pytest.mark.parametrize("yes", [True, False])
def test_a_person_is_shown_the_fingerprints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], yes: bool
) -> None:
    monkeypatch.setattr(host_keys, "can_ask", lambda: True)
    monkeypatch.setattr(host_keys, "agreed", _says(yes))
    if yes:
        assert pinned(key("a"), ask=True) == "ssh-ed25519 a"
    else:
        with pytest.raises(Failed):
            pinned(key("a"), ask=True)
    said = capsys.readouterr()
    assert (said.out, "ssh-ed25519 SHA256:a" in said.err) == ("", True)


def test_nobody_is_asked_where_nobody_sits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_keys, "can_ask", lambda: False)
    monkeypatch.setattr(host_keys, "agreed", _says(True))
    with pytest.raises(Failed):
        pinned(key("a"), ask=True)


def test_a_key_has_the_fingerprint_that_ssh_shows() -> None:
    given = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb1vUhRIWh0WE1nUvRo6cJcZ4rVX+2Rz9AbQ0UdX0aG"
    assert fingerprint(given) == fingerprint(f"{given} a comment") == host_key(given).fingerprint
    for other in ("SHA256:abc", "no key", ""):
        assert fingerprint(other) == other
