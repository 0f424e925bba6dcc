"""Counts every request, by its route's template: the outermost of all gates sees every answer."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vmuster.api.gates.routing import template_of
from vmuster.ports.clock import Clock
from vmuster.server.figures.catalogue import FAILURES, IN_FLIGHT, REQUEST_SECONDS, REQUESTS
from vmuster.server.figures.figures import Figures

_FAILED: Final[int] = 500
_UNANSWERED: Final[int] = 499
"""In the place of a status: whoever asked went away before there was an answer."""


class CountingGate:
    """Counts what is asked, how it was answered, and how long it took until the answer began."""

    def __init__(self, app: ASGIApp, *, clock: Clock, figures: Figures) -> None:
        self._app = app
        self._clock = clock
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        status, begun = _UNANSWERED, self._clock.monotonic()
        answered = begun

        async def counted(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], self._clock.monotonic()
            await send(message)

        self._figures.add(IN_FLIGHT)
        try:
            await self._app(scope, receive, counted)
        finally:
            self._figures.add(IN_FLIGHT, by=-1)
            template = template_of(scope)
            self._figures.add(REQUESTS, template, scope["method"], str(status))
            self._figures.add(FAILURES, by=status == _FAILED)
            if status != _UNANSWERED:
                seconds = answered - begun
                self._figures.observe(REQUEST_SECONDS, seconds, template, scope["method"])
