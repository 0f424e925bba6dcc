"""Route of the keys by which an ssh host is known."""

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.server.secrets.host_keys import HostKey


def key(name: str) -> HostKey:
    return HostKey(type="ssh-ed25519", key=f"ssh-ed25519 {name}", fingerprint=f"SHA256:{name}")


def test_what_is_shown_is_told_from_what_is_known(world: Served, http: httpx2.Client) -> None:
    place = ("a.example", 2222)
    world.fleet.host_keys.shown[place] = (key("new"), key("both"))
    world.fleet.host_keys.trusted[place] = (key("both"), key("old"))
    answer = http.post("host-keys", json={"address": "a.example", "port": 2222})
    found = {each["fingerprint"]: each for each in answer.json()["items"]}
    assert {name: (each["shown"], each["known"]) for name, each in found.items()} == {
        "SHA256:new": (True, False),
        "SHA256:both": (True, True),
        "SHA256:old": (False, True),
    }
    assert found["SHA256:new"]["key"] == "ssh-ed25519 new"


def test_who_shows_none_is_said(http: httpx2.Client) -> None:
    problem(http.post("host-keys", json={"address": "b.example"}), 503)


@pytest.mark.parametrize("body", [{}, {"address": ""}, {"address": "a", "port": 0}], ids=str)
def test_a_bad_question_is_refused(http: httpx2.Client, body: dict[str, object]) -> None:
    problem(http.post("host-keys", json=body), 422)
