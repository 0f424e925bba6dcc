"""The route of a request is the one that the application itself goes by."""

import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request

from vmuster.api.gates.routing import Routes


@pytest.fixture
def app() -> FastAPI:
    async def nothing(request: Request) -> None: ...

    app, router = FastAPI(openapi_url="/openapi.json"), APIRouter(prefix="/vms")
    router.add_api_route("", nothing, name="list")
    router.add_api_route("/{ref}", nothing, name="change", methods=["PATCH"])
    router.add_api_route("/self", nothing, name="self")
    router.add_api_route("/{ref}", nothing, name="show")
    router.add_api_route("/self", nothing, name="hidden", methods=["PATCH"])
    app.include_router(router, prefix="/api")
    return app


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/api/vms", "list"),
        ("HEAD", "/api/vms", "list"),
        ("GET", "/api/vms/self", "self"),
        ("GET", "/api/vms/a%2Fb", "show"),
        ("PATCH", "/api/vms/self", "change"),
        ("GET", "/openapi.json", "openapi"),
    ],
)
def test_the_first_that_takes_it_is_it(app: FastAPI, method: str, path: str, name: str) -> None:
    route = Routes(app).find(method, path).route
    assert route is not None
    assert route.name == name


def test_a_template_has_no_name_in_it(app: FastAPI) -> None:
    route = Routes(app).find("GET", "/api/vms/x").route
    assert route is not None
    assert route.template == "/api/vms/{ref}"


def test_what_is_not_taken_is_said(app: FastAPI) -> None:
    routes = Routes(app)
    assert routes.find("DELETE", "/api/vms/x").route is None
    assert routes.find("DELETE", "/api/vms/x").methods == {"GET", "HEAD", "PATCH"}
    assert routes.find("GET", "/api/vms/").methods == frozenset()
    assert routes.find("GET", "/api/vms/x/y").methods == frozenset()
