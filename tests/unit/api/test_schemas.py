"""Answers are described by what is encoded."""

from fastapi import FastAPI

from vmuster.api.schemas import describe_answers, gives, gives_list
from vmuster.model.host import NameGrant


def test_a_route_is_described_by_its_value_without_signatures() -> None:
    app = FastAPI()

    @app.get("/api/one", responses=gives(NameGrant))
    async def one() -> None: ...

    @app.get("/all", responses=gives_list(NameGrant))
    async def several() -> None: ...

    describe_answers(app)
    document = app.openapi()
    described = document["components"]["schemas"]["NameGrant"]
    assert "granted_by" in described["properties"]
    assert "signature" not in {*described["properties"], *described["required"]}
    answer = document["paths"]["/api/one"]["get"]["responses"]["200"]["content"]
    assert answer["application/json"]["schema"] == {"$ref": "#/components/schemas/NameGrant"}
    listed = document["paths"]["/all"]["get"]["responses"]["200"]["content"]["application/json"]
    assert listed["schema"]["properties"]["items"]["items"]["$ref"].endswith("/NameGrant")


def test_only_what_is_under_the_api_needs_a_key() -> None:
    app = FastAPI()

    @app.get("/api/x")
    async def within() -> None: ...

    @app.get("/x")
    async def outside() -> None: ...

    describe_answers(app)
    paths = app.openapi()["paths"]
    assert paths["/api/x"]["get"]["security"] == [{"key": []}]
    assert "security" not in paths["/x"]["get"]
