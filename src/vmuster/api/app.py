"""The application: routes, gates and errors, put together around one service."""

from importlib.metadata import version
from typing import Final

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute

from vmuster.api import (
    clusters,
    credentials,
    fleet,
    health,
    host_keys,
    hosts,
    journal,
    operations,
    plans,
    quarantine,
    status,
    vms,
)
from vmuster.api.gates import BodyLimit, KeyGate, PathAsWritten
from vmuster.api.problems import answer_errors
from vmuster.api.queries import refuse_unknown
from vmuster.api.schemas import PROBLEMS, describe_answers
from vmuster.server.service import Service

PREFIX: Final = "/api/v1"
OPENAPI: Final = f"{PREFIX}/openapi.json"
_GROUPS: Final = (
    status,
    fleet,
    hosts,
    host_keys,
    credentials,
    clusters,
    vms,
    operations,
    plans,
    journal,
    quarantine,
)
_OPEN: Final = frozenset({*health.PATHS, OPENAPI})
"""What is answered without a key: nothing of it says anything about the fleet."""


def create_app(service: Service) -> FastAPI:
    """The API of `service`, which is started and closed by the caller."""
    app = FastAPI(
        title="vmuster",
        summary="Records and hypervisors in agreement; no VM stopped that is not provably ours.",
        version=version("vmuster"),
        openapi_url=OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_id_of,
    )
    app.state.service = service
    for group in _GROUPS:
        app.include_router(
            group.router,
            prefix=PREFIX,
            responses=PROBLEMS,
            dependencies=[Depends(refuse_unknown)],
        )
    app.include_router(health.router)
    answer_errors(app)
    describe_answers(app)
    # The last one added is passed first.
    app.add_middleware(BodyLimit)
    app.add_middleware(KeyGate, store=service.store, open_paths=_OPEN)
    app.add_middleware(PathAsWritten)
    return app


def _id_of(route: APIRoute) -> str:
    """Each operation of the document is called as its function: `queries` goes by that."""
    return route.name
