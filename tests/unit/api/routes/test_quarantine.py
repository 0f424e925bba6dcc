"""Routes of the quarantine."""

import httpx2
import msgspec

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.automation import Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Fleet, Host


async def doubt(world: Served) -> None:
    """Put the fleet into quarantine, as a pass would."""
    before = await world.fleet.store.get(Fleet)
    assert before is not None
    quarantine = Quarantine(since=1.0, evidence=("a mark is newer",), highest=900)
    after = msgspec.structs.replace(before, quarantine=quarantine)
    changes = Changes(writes=(Write(before=before, after=after),))
    assert await world.fleet.store.commit([changes]) == [""]
    world.fleet.service.context.fleet = await world.fleet.store.get(Fleet) or before


def test_there_is_none_as_a_rule(http: httpx2.Client) -> None:
    assert http.get("quarantine").json()["quarantine"] is None


def test_it_is_shown_and_left(world: Served, alpha: Host, http: httpx2.Client) -> None:
    vm = world.ours(alpha, "not touched")
    world.run(doubt(world))
    assert http.get("quarantine").json()["quarantine"]["evidence"] == ["a mark is newer"]
    refused = problem(http.post(f"vms/{vm}/stop"), 409)
    assert refused["hint"] == "vmuster quarantine show"
    problem(http.post("quarantine/leave", json={"without": ["nobody"]}), 404)
    problem(http.post("quarantine/leave", json={"withuot": []}), 422)
    world.passes(alpha)  # it must have given an account since
    assert http.post("quarantine/leave").json()["quarantine"] is None
    fleet = http.get("fleet").json()
    kept = world.run(world.fleet.store.get(Fleet))
    assert fleet["disarmed"]["by"] == "anna"
    assert kept is not None
    assert kept.intake > 900
    assert http.post(f"vms/{vm}/stop").status_code == 202
