"""Which route a request is for, known before any of it is read.

The gates ask: what a key may do, what is limited and what the log says goes by the route. The
answer is made of the very list that the application goes by, in its order.
"""

import re
from functools import cached_property

import msgspec
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path
from starlette.types import Scope

from vmuster.server.figures.labels import NO_ROUTE


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A route. `template`: its path with the names of its parts; `name`: that of its function."""

    name: str
    template: str
    methods: frozenset[str]


def template_of(scope: Scope) -> str:
    """The template of the route that was found for a request: no name of anything gets into it."""
    route = scope["state"].get("route")
    return NO_ROUTE if route is None else route.template


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The route for a path and a method; and all methods that the path takes."""

    route: Route | None
    methods: frozenset[str]


class Routes:
    """The routes of an application, as they are when the first request comes."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def all(self) -> tuple[Route, ...]:
        """Every route, in the order in which they are tried."""
        return tuple(
            Route(
                name=each.name or "",
                template=each.path_format,
                methods=frozenset(each.methods or ()),
            )
            for each in iter_route_contexts(self._app.routes)
            if each.path_format is not None
        )

    def find(self, method: str, path: str) -> Found:
        """What there is at `path`; HEAD is GET without an answer's body."""
        asked = "GET" if method == "HEAD" else method
        here = [route for pattern, route in self._patterns if pattern.match(path)]
        methods = frozenset[str]().union(*(route.methods for route in here))
        return Found(
            route=next((route for route in here if asked in route.methods), None),
            methods=methods | {"HEAD"} if "GET" in methods else methods,
        )

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], Route]]:
        return [(compile_path(route.template)[0], route) for route in self.all]
