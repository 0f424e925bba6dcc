"""Answers are said when they are sent."""

import httpx2

from tests.served import Served
from vmuster.api.outputs.answers import answer, answer_list
from vmuster.model.host import Host


def test_an_answer_names_the_hosts_that_it_mentions(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    vm = str(world.ours(alpha, "named"))
    operation = http.post(f"vms/{vm}/stop").json()
    assert (operation["host"], operation["host_name"]) == (alpha.id, "alpha")
    assert operation["created_at"].endswith("Z")
    assert operation["finished_at"] is None


def test_several_values_are_items() -> None:
    assert answer_list([1, 2], status=202).value == {"items": [1, 2], "next": None}


def test_a_status_and_headers_may_be_given() -> None:
    response = answer({}, status=202, headers={"Location": "/x"})
    assert (response.status_code, response.headers["location"]) == (202, "/x")
    assert response.media_type == "application/json"


def test_an_answer_says_how_long_it_is(http: httpx2.Client) -> None:
    shown = http.get("fleet")
    assert int(shown.headers["content-length"]) == len(shown.content) > 2
    assert shown.headers.get_list("content-length") == [str(len(shown.content))]
