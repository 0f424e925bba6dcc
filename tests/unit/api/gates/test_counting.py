"""Every request is counted once, by what it was for, and by nothing that its sender made up."""

import asyncio
from typing import Any

import httpx2
import pytest
import structlog
from starlette.types import Receive, Scope, Send

from tests.clocks import HandClock
from tests.doors import Door, at_door
from vmuster.api.gates.counting import CountingGate
from vmuster.api.gates.limits import Limits
from vmuster.server.figures.catalogue import FAILURES, IN_FLIGHT, REQUEST_SECONDS, REQUESTS
from vmuster.server.figures.figures import Figures

Counted = dict[tuple[str, ...], float]


def asked(figures: Figures) -> Counted:
    return figures.sums(REQUESTS, ())


def test_a_request_is_counted_by_its_template() -> None:
    async def act(door: Door) -> Counted:
        await door.ask("GET", "vms/a%2Fb")
        await door.ask("GET", "vms/Windows 7")
        await door.ask("HEAD", "vms/x")
        await door.ask("DELETE", "webhooks/x", key="read")
        return asked(door.parts.context.figures)

    assert at_door(act) == {
        ("/api/v1/vms/{ref}", "GET", "404"): 2,
        ("/api/v1/vms/{ref}", "HEAD", "404"): 1,
        ("/api/v1/webhooks/{ref}", "DELETE", "403"): 1,
    }


def test_what_the_gates_refuse_is_counted_too() -> None:
    async def act(door: Door) -> Counted:
        await door.ask("GET", "vms", key="")
        await door.ask("GET", "nothing")
        await door.ask("GET", "vms" + "x" * 9000)
        await door.ask("GET", "status")
        await door.ask("GET", "status")
        return asked(door.parts.context.figures)

    assert at_door(act, Limits(requests_per_second=0.1, requests_burst=1)) == {
        ("none", "GET", "401"): 1,
        ("none", "GET", "404"): 1,
        ("none", "GET", "414"): 1,
        ("/api/v1/status", "GET", "200"): 1,
        ("/api/v1/status", "GET", "429"): 1,
    }


def test_a_hundred_thousand_paths_and_methods_are_a_handful_of_values() -> None:
    """T36."""

    async def act(door: Door) -> Counted:
        figures = door.parts.context.figures
        for number in range(100_000):
            scope: Scope = {"type": "http", "method": f"M{number}", "path": f"/{number}"}
            await gate(figures, nothing)(scope, never, ignored)
        return asked(figures)

    assert at_door(act) == {("none", "other", "404"): 100_000}


def gate(figures: Figures, app: Any, clock: HandClock | None = None) -> CountingGate:
    return CountingGate(app, clock=clock or HandClock(), figures=figures)


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})


async def never() -> Any:
    raise AssertionError("nobody reads")


async def ignored(message: Any) -> None:
    pass


SCOPE: Scope = {"type": "http", "method": "GET", "path": "/"}


def test_how_long_it_took_is_until_the_answer_began() -> None:
    clock, figures = HandClock(), Figures()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        clock.pass_by(2)
        await nothing(scope, receive, send)
        clock.pass_by(3600)

    asyncio.run(gate(figures, app, clock)(dict(SCOPE), never, ignored))
    assert figures.histograms(REQUEST_SECONDS)["none", "GET"].total == 2


def test_what_is_under_way_is_counted_and_what_fails_is_over() -> None:
    figures = Figures()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert figures.sums(IN_FLIGHT, ()) == {(): 1}
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        asyncio.run(gate(figures, app)(dict(SCOPE), never, ignored))
    assert figures.sums(IN_FLIGHT, ()) == {(): 0}
    assert asked(figures) == {("none", "GET", "499"): 1}
    assert figures.histograms(REQUEST_SECONDS) == {}


def test_what_is_no_request_is_passed_on() -> None:
    figures, seen = Figures(), list[str]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    asyncio.run(gate(figures, app)({"type": "lifespan"}, never, ignored))
    assert (seen, asked(figures)) == (["lifespan"], {})


def test_a_failure_that_nobody_thought_of_is_counted_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def act(door: Door) -> tuple[httpx2.Response, Figures]:
        async def broken(*_words: Any, **_named: Any) -> Any:
            raise ZeroDivisionError

        monkeypatch.setattr(door.parts.store, "vms", broken)
        await door.ask("GET", "nothing")
        return await door.ask("GET", "vms"), door.parts.context.figures

    with structlog.testing.capture_logs():  # its traceback is long
        answer, figures = at_door(act)
    assert answer.status_code == 500
    assert asked(figures)["/api/v1/vms", "GET", "500"] == 1
    assert figures.sums(FAILURES, ()) == {(): 1}
