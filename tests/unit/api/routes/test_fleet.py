"""Routes of the fleet: policy, keys, automation."""

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host


def test_a_setting_of_the_fleet_is_changed(http: httpx2.Client) -> None:
    changed = http.patch("fleet/policy", json={"stops_per_window_max": "7"}).json()
    assert changed["policy"]["stops_per_window_max"] == 7
    assert http.get("fleet").json()["policy"] == changed["policy"]
    problem(http.patch("fleet/policy", json={"drift": "enforce"}), 409)


@pytest.mark.parametrize(
    ("scope", "name", "where"),
    [("fleet", "", "fleet"), ("cluster", "default", "clusters/default"), ("host", "alpha", "")],
)
def test_automation_is_disarmed_and_armed(
    alpha: Host, http: httpx2.Client, scope: str, name: str, where: str
) -> None:
    asked = {"scope": scope, "name": name}
    path = where or "hosts/alpha"
    assert http.put("automation", json={**asked, "armed": False, "why": "work"}).status_code == 200
    disarmed = http.get(path).json()["disarmed"]
    assert (disarmed["by"], disarmed["why"]) == ("anna", "work")
    assert http.put("automation", json={**asked, "armed": True}).json()["disarmed"] is None
    assert http.get(path).json()["disarmed"] is None


def test_what_is_not_there_is_not_armed(http: httpx2.Client) -> None:
    problem(http.put("automation", json={"scope": "host", "name": "no", "armed": True}), 404)


def test_the_key_is_changed_and_the_old_one_stays_known(world: Served, http: httpx2.Client) -> None:
    (old,) = http.get("keys").json()["items"]
    assert old == {
        "id": str(world.fleet.signer.key),
        "signs": True,
        "public": world.fleet.signer.public.hex(),
    }
    keys = http.post("keys/rotate").json()["items"]
    assert [(key["id"] == old["id"], key["signs"]) for key in keys] == [
        (False, True),
        (True, False),
    ]
    assert keys[0]["id"] == str(world.fleet.signer.key)
