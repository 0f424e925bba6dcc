"""What every answer bears, and the line that the log has of it."""

import httpx2
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from tests.clocks import HandClock
from tests.doors import Door, at_door
from tests.unit.api.problem import problem
from vmuster.api.gates.envelopes import Envelope
from vmuster.model.errors import Unavailable

ID = "x-request-id"


@pytest.mark.parametrize("given", ["a", "Ab9._-", "x" * 64])
def test_an_id_that_is_safe_to_repeat_is_kept(given: str) -> None:
    async def act(door: Door) -> httpx2.Response:
        return await door.ask("GET", "status", headers={ID: given})

    assert at_door(act).headers[ID] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a/b", 'a"', "<script>"])
def test_any_other_is_replaced_by_one_of_ours(given: str) -> None:
    async def act(door: Door) -> tuple[str, str]:
        answers = [await door.ask("GET", "status", headers={ID: given}) for _ in range(2)]
        return answers[0].headers[ID], answers[1].headers[ID]

    one, other = at_door(act)
    assert len(one) == 32
    assert len({one, other, given}) == 3


@pytest.mark.parametrize(
    ("method", "path", "key", "status"),
    [
        ("GET", "status", "admin", 200),
        ("HEAD", "status", "admin", 200),
        ("GET", "status", "", 401),
        ("GET", "api-keys", "read", 403),
        ("GET", "nothing", "read", 404),
        ("PUT", "status", "read", 405),
        ("POST", "hosts", "admin", 422),
        ("GET", "http://door/healthz", "", 200),
    ],
)
def test_every_answer_bears_the_same(method: str, path: str, key: str, status: int) -> None:
    async def act(door: Door) -> httpx2.Response:
        return await door.ask(method, path, key=key)

    answer = at_door(act)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.headers[ID]) == 32


def failing(error: Exception) -> tuple[httpx2.Response, list[dict[str, object]]]:
    app = FastAPI()

    @app.get("/")
    async def fail() -> None:
        raise error

    app.add_middleware(Envelope, clock=HandClock())
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = TestClient(app, raise_server_exceptions=False).get("/", headers={ID: "r1"})
    return answer, [dict(line) for line in logs]


def test_what_nobody_thought_of_is_told_in_the_log_once_and_to_nobody_else() -> None:
    answer, logs = failing(RuntimeError("row 7"))
    assert problem(answer, 500)["instance"] == "urn:vmuster:request:r1"
    assert "row 7" not in answer.text
    (line,) = logs
    assert (line["log_level"], line["request_id"], line["exc_info"]) == ("error", "r1", True)


def test_what_the_gates_raise_is_answered() -> None:
    answer, logs = failing(Unavailable("later", retry_after_seconds=3))
    problem(answer, 503)
    assert answer.headers["retry-after"] == "3"
    assert logs == []


def test_the_log_has_one_line_of_each_request_that_changes_something() -> None:
    async def act(door: Door) -> None:
        await door.ask("GET", "status")
        await door.ask("POST", "api-keys?name=secret", json={"name": "hidden"}, headers={ID: "r1"})
        await door.ask("DELETE", "api-keys/secret", key="operate", headers={ID: "r2"})
        await door.ask("DELETE", "api-keys/secret", key="")

    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        at_door(act)
    asked = [line for line in logs if line["event"] == "asked"]
    assert [(line["request_id"], line["actor"], line["method"]) for line in asked] == [
        ("r1", "admin", "POST"),
        ("r2", "operate", "DELETE"),
    ]
    assert [(line["route"], line["status"]) for line in asked] == [
        ("/api/v1/api-keys", 422),
        ("/api/v1/api-keys/{ref}", 403),
    ]
    assert {type(line["seconds"]) for line in asked} == {float}
    assert "secret" not in repr(asked)
    assert "hidden" not in repr(asked)


@pytest.mark.parametrize(
    ("query", "said"),
    [("", None), ("?dry_run=false", None), ("?dry_run=true", True), ("?dry_run=x", None)],
)
def test_the_line_of_a_rehearsal_says_so(query: str, said: bool | None) -> None:
    async def act(door: Door) -> None:
        await door.ask("POST", f"api-keys{query}", json={"name": "new"})

    with capture_logs() as logs:
        at_door(act)
    (line,) = [line for line in logs if line["event"] == "asked"]
    assert line.get("dry_run") is said
