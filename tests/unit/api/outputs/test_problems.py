"""Errors as problem documents; what is inside stays inside."""

import httpx2
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from tests.clocks import HandClock
from tests.unit.api.problem import problem
from vmuster.api.gates.envelopes import Envelope
from vmuster.api.outputs.problems import Problem, ProblemError, answer_errors, problem_of, too_many
from vmuster.model.errors import Corrupt, NotFound, Refused, Unavailable, VmusterError


def raising(error: Exception) -> httpx2.Response:
    app = FastAPI()
    answer_errors(app)
    app.add_middleware(Envelope, clock=HandClock())

    @app.get("/")
    async def fail() -> None:
        raise error

    return TestClient(app, raise_server_exceptions=False).get("/")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("no", hint="ask"), 409),
        (NotFound("none", hint="look"), 404),
        (Unavailable("later", hint="wait"), 503),
    ],
)
def test_what_we_say_is_passed_on(error: VmusterError, status: int) -> None:
    said = problem(raising(error), status)
    assert (said["detail"], said["hint"]) == (error.message, error.hint)


def test_any_problem_can_be_raised() -> None:
    made = Problem(kind="stale", title="Stale", status=412, detail="it has changed", hint="look")
    answer = raising(ProblemError(made, {"ETag": '"2"'}))
    assert problem(answer, 412)["type"] == "urn:vmuster:problem:stale"
    assert answer.headers["etag"] == '"2"'


def test_too_many_says_when_to_come_again() -> None:
    answer = raising(too_many("you ask too often", 7))
    said = problem(answer, 429)
    assert said["type"] == "urn:vmuster:problem:too-many"
    assert (said["detail"], answer.headers["retry-after"]) == ("you ask too often", "7")
    assert "7 s" in said["hint"]


def test_what_is_no_answer_to_a_request_names_none() -> None:
    structlog.contextvars.clear_contextvars()
    assert "instance" not in problem_of(Refused("no")).document


def test_unavailable_says_when_to_come_again() -> None:
    assert raising(Unavailable("later", retry_after_seconds=7.4)).headers["retry-after"] == "7"
    assert raising(Unavailable("later", retry_after_seconds=0.1)).headers["retry-after"] == "1"


@pytest.mark.parametrize(
    "error", [Corrupt("row 7 of vm"), RuntimeError("row 7"), KeyError("row 7")]
)
def test_what_went_wrong_inside_is_not_told(error: Exception) -> None:
    answer = raising(error)
    problem(answer, 500)
    assert "row 7" not in answer.text


def test_a_corrupt_database_is_unexpected_and_what_it_is_stands_in_the_log() -> None:
    with capture_logs() as logs:
        assert problem_of(Corrupt("row 7", hint="mend it")).status == 500
        assert problem_of(Refused("no")).status == 409
    assert [(line["why"], line["hint"]) for line in logs] == [("row 7", "mend it")]


def test_what_is_wrong_with_a_request_is_bounded_and_visible(http: httpx2.Client) -> None:
    profile = {"kind": "\x1b[31m" + "x" * 100_000}
    said = problem(http.post("hosts", json={"name": "a", "profile": profile}), 422)
    assert len(said["detail"]) < 1000
    assert "\x1b" not in said["detail"]
    assert "body.profile" in said["detail"]
