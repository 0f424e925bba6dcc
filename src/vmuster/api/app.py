"""The application: routes, gates and errors, put together around one service."""

from importlib.metadata import version
from typing import Final

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute

from vmuster.api.gates.counting import CountingGate
from vmuster.api.gates.entry import (
    BodyLimit,
    HeadLimit,
    KeyGate,
    LastLook,
    PathAsWritten,
    RouteGate,
)
from vmuster.api.gates.envelopes import Envelope
from vmuster.api.gates.limits import LimitGate, Limits
from vmuster.api.gates.rehearsing import RehearsalGate
from vmuster.api.gates.repeating import RepeatGate
from vmuster.api.gates.routing import Routes
from vmuster.api.gates.stopping import StopGate
from vmuster.api.inputs.queries import Queries
from vmuster.api.outputs.documents import describe_answers, serve_document
from vmuster.api.outputs.problems import answer_errors
from vmuster.api.outputs.schemas import PROBLEMS
from vmuster.api.routes import (
    api_keys,
    clusters,
    credentials,
    doctor,
    events,
    explanations,
    fleet,
    health,
    host_keys,
    hosts,
    journal,
    metrics,
    operations,
    plans,
    quarantine,
    recordings,
    rules,
    status,
    verification,
    vms,
    webhooks,
)
from vmuster.server.service import Service

PREFIX: Final = "/api/v1"
OPENAPI: Final = f"{PREFIX}/openapi.json"
_GROUPS: Final = (
    explanations,
    rules,
    verification,
    status,
    doctor,
    fleet,
    hosts,
    host_keys,
    credentials,
    clusters,
    vms,
    operations,
    plans,
    journal,
    events,
    quarantine,
    api_keys,
    webhooks,
    recordings,
)
_OPEN: Final = frozenset({*health.PATHS, OPENAPI})
"""What is answered without a key: nothing of it says anything about the fleet."""
_NEAR: Final = frozenset(metrics.PATHS)
"""What is answered without a key on this machine."""


def create_app(service: Service, *, limits: Limits) -> FastAPI:
    """The API of `service`, which is started and closed by the caller."""
    app = FastAPI(
        title="vmuster",
        summary="Records and hypervisors in agreement; no VM stopped that is not provably ours.",
        version=version("vmuster"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_id_of,
    )
    app.state.service = service
    queries = Queries(app)
    for group in _GROUPS:
        app.include_router(
            group.router,
            prefix=PREFIX,
            responses=PROBLEMS,
            dependencies=[Depends(queries.refuse_unknown)],
        )
    app.include_router(health.router)
    app.include_router(metrics.router)
    answer_errors(app)
    describe_answers(app)
    serve_document(app, OPENAPI)
    _add_gates(app, service, limits)
    return app


def _add_gates(app: FastAPI, service: Service, limits: Limits) -> None:
    """From the innermost to the outermost: the last one added is passed first."""
    clock, keys = service.context.clock, service.api_keys
    app.add_middleware(RehearsalGate, service=service)
    app.add_middleware(RepeatGate, store=service.store, clock=clock)
    app.add_middleware(LastLook, keys=keys, clock=clock)
    app.add_middleware(BodyLimit, limits=limits)
    app.add_middleware(LimitGate, keys=keys, clock=clock, limits=limits)
    app.add_middleware(RouteGate, routes=Routes(app))
    app.add_middleware(
        KeyGate, keys=keys, clock=clock, limits=limits, open_paths=_OPEN, near_paths=_NEAR
    )
    app.add_middleware(HeadLimit, limits=limits)
    app.add_middleware(PathAsWritten)
    app.add_middleware(StopGate, service=service)
    app.add_middleware(Envelope, clock=clock)
    app.add_middleware(CountingGate, clock=clock, figures=service.context.figures)


def _id_of(route: APIRoute) -> str:
    """Each operation of the document is called as its function: `queries` goes by that."""
    return route.name
