"""Route of the doctor."""

import httpx2

from tests.served import Served
from vmuster.model.host import Host


def test_it_examines_the_server(world: Served, alpha: Host, http: httpx2.Client) -> None:
    world.ours(alpha, "one of ours")
    said = http.get("doctor").json()
    assert (said["running"], said["deep"]) == (True, False)
    assert {check["verdict"] for check in said["checks"]} <= {"ok", "warning"}
    deep = http.get("doctor", params={"deep": "true"}).json()
    (journal,) = [check for check in deep["checks"] if check["name"] == "journal"]
    assert "entries follow on each other" in journal["found"]


def test_a_question_that_is_none(http: httpx2.Client) -> None:
    assert http.get("doctor", params={"deep": "very"}).status_code == 422
