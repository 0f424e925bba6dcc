"""Many hosts at once: each has its outcome, and none delays or ends the others."""

import threading
from typing import Any, cast

import pytest

from vmuster.cli.asking.adding import add_all, why_silent
from vmuster.cli.asking.host_keys import fingerprint
from vmuster.cli.asking.host_lines import HostWish
from vmuster.client.errors import ClientError
from vmuster.client.rest import Client

WELL = {"last_complete_at": "1970-01-01T00:00:01Z", "trouble": "", "vms_seen": 2}


class Server:
    """A server with these hosts; a name says what becomes of it."""

    def __init__(self, *there: dict[str, Any], at_once: int = 1) -> None:
        self.there = list(there)
        self.added: list[str] = []
        self._together = threading.Barrier(at_once)

    def hosts(self) -> list[dict[str, Any]]:
        return self.there

    def add_host(self, name: str, profile: dict[str, Any], *, cluster: str) -> dict[str, Any]:
        self._together.wait(10)
        if name.startswith("refused"):
            raise ClientError("Refused", detail="the name is bad", hint="choose another")
        self.added.append(name)
        return {"id": name, "name": name}

    def host(self, host: str, *, wait_seconds: float = 0) -> dict[str, Any]:
        if host.startswith("silent"):
            return {"last_complete_at": None, "trouble": "permission denied"}
        return WELL


def wish(name: str, **profile: object) -> HostWish:
    return HostWish(name=name, cluster="default", profile={"kind": "local", **profile})


def outcomes(server: Server, *wishes: HostWish) -> list[tuple[str, str, str]]:
    done = add_all(cast("Client", server), wishes, trust_first=False)
    return [(each["name"], each["state"], each["reason"]) for each in done]


def test_each_has_its_outcome_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    done = outcomes(Server(), wish("good"), wish("refused"), wish("silent"), wish("better"))
    assert done == [
        ("good", "added", ""),
        ("refused", "failed", "Refused: the name is bad (choose another)"),
        ("silent", "no account yet", "permission denied"),
        ("better", "added", ""),
    ]
    told = capsys.readouterr()
    assert told.out == ""
    assert sorted(told.err.splitlines())[2] == "host refused: failed"  # the table has the reason


def test_several_are_added_at_a_time() -> None:
    """Each waits for three others: one after another none would come back."""
    done = outcomes(Server(at_once=4), *(wish(f"h{number}") for number in range(8)))
    assert [state for _, state, _ in done] == ["added"] * 8


def test_what_is_there_already_is_left_alone() -> None:
    profile = {"kind": "local", "scope": "system"}
    server = Server({"id": "a", "name": "a", "cluster": "default", "profile": profile})
    assert outcomes(server, wish("a")) == [("a", "there already", "")]
    ((_, state, reason),) = outcomes(server, wish("a", scope="session"))
    assert (state, "another scope" in reason) == ("failed", True)
    assert server.added == []


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb1vUhRIWh0WE1nUvRo6cJcZ4rVX+2Rz9AbQ0UdX0aG"
FAR = {
    "kind": "ssh",
    "address": "b.example",
    "host_key": KEY,
    "port": 22,
    "user": "root",
    "scope": "system",
    "credential": "",
}


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ({}, ""),
        ({"host_key": KEY}, ""),
        ({"host_key": f"{KEY} root@b"}, ""),
        ({"host_key": fingerprint(KEY)}, ""),
        ({"host_key": "SHA256:another"}, "host_key"),
        ({"port": 2222}, "port"),
    ],
    ids=str,
)
def test_a_remote_host_is_the_same_by_its_key_however_it_is_written(
    said: dict[str, Any], other: str
) -> None:
    assert again(FAR, said) == other


def test_what_is_not_said_is_the_default_and_no_matter_of_course() -> None:
    assert again({**FAR, "port": 2222, "user": "bob"}, {}) == "port, user"


def again(recorded: dict[str, Any], said: dict[str, Any]) -> str:
    """What is another, where the host that is `recorded` is wished for again."""
    server = Server({"id": "b", "name": "b", "cluster": "default", "profile": recorded})
    profile = {"kind": "ssh", "address": "b.example", **said}
    ((_, state, reason),) = outcomes(server, HostWish(name="b", cluster="default", profile=profile))
    assert (state == "there already") is not bool(reason)
    return reason.partition(" (")[0].rpartition("with another ")[2]


def test_silence_has_a_reason() -> None:
    assert why_silent(WELL) == ""
    assert why_silent({"last_complete_at": None, "trouble": "x"}) == "x"
    assert "no account within" in why_silent({"last_complete_at": None, "trouble": ""})
