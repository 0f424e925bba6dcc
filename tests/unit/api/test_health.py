"""Health needs no key and tells nothing."""

import asyncio

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.unit.api.problem import problem
from vmuster.api import health
from vmuster.api.problems import answer_errors
from vmuster.stores.memory import MemoryStore


class Unfounded:
    """A service whose database is empty."""

    store = MemoryStore()


def test_a_server_that_lives_says_so(stranger: httpx2.Client) -> None:
    for path in health.PATHS:
        answer = stranger.get(path)
        assert (answer.status_code, answer.text) == (200, "ok")


def test_a_server_without_a_fleet_is_not_ready() -> None:
    app = FastAPI()
    app.state.service = Unfounded()
    app.include_router(health.router)
    answer_errors(app)
    asked = TestClient(app)
    assert asked.get("/healthz").status_code == 200
    answer = asked.get("/readyz")
    problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    asyncio.run(Unfounded.store.close())
