"""Once the server is to stop nobody is let in, and whoever looks after it is told."""

import httpx2
import pytest

from tests.doors import Door, at_door
from tests.unit.api.problem import problem


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "status"), ("POST", "clusters"), ("GET", "openapi.json")]
)
def test_requests_are_refused_with_a_time_to_come_again(method: str, path: str) -> None:
    async def act(door: Door) -> httpx2.Response:
        door.service.stop()
        return await door.ask(method, path)

    answer = at_door(act)
    problem(answer, 503)
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["x-request-id"]


def test_it_lives_and_is_not_ready() -> None:
    async def act(door: Door) -> list[int]:
        paths = ("/livez", "/healthz", "/readyz")
        before = [
            (await door.ask("GET", f"http://door{path}", key="")).status_code for path in paths
        ]
        assert before == [200, 200, 200]
        door.service.stop()
        return [(await door.ask("GET", f"http://door{path}", key="")).status_code for path in paths]

    assert at_door(act) == [200, 200, 503]


def test_a_request_that_waits_is_answered_as_things_are() -> None:
    """Its clock stands still: nothing but the stop ends its wait."""

    async def act(door: Door) -> httpx2.Response:
        host = await door.parts.host()
        door.clock.on_sleep = door.service.stop
        return await door.ask("GET", f"hosts/{host.name}?wait=60")

    answer = at_door(act)
    assert answer.status_code == 200
