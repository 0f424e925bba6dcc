"""The application: routes, gates and errors, put together around one service."""

from importlib.metadata import version
from typing import Final

from fastapi import FastAPI

from vmuster.api import clusters, health, hosts, journal, operations, vms
from vmuster.api.gates import BodyLimit, KeyGate, PathAsWritten
from vmuster.api.problems import answer_errors
from vmuster.api.schemas import PROBLEMS, describe_answers
from vmuster.server.service import Service

PREFIX: Final = "/api/v1"
OPENAPI: Final = f"{PREFIX}/openapi.json"
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
    )
    app.state.service = service
    for group in (hosts, clusters, vms, operations, journal):
        app.include_router(group.router, prefix=PREFIX, responses=PROBLEMS)
    app.include_router(health.router)
    answer_errors(app)
    describe_answers(app)
    # The last one added is passed first.
    app.add_middleware(BodyLimit)
    app.add_middleware(KeyGate, store=service.store, open_paths=_OPEN)
    app.add_middleware(PathAsWritten)
    return app
