"""What routes give has a name, and problems are among it."""

from vmuster.api.outputs.schemas import PROBLEMS, given, gives, gives_list, gives_page, lists
from vmuster.model.host import NameGrant


def test_what_is_given_is_referred_to_and_remembered() -> None:
    schema = gives(NameGrant, 201)[201]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/NameGrant"}
    assert NameGrant in given()


def test_lists_have_names_and_a_next() -> None:
    schema = gives_list(NameGrant)[200]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/NameGrantList"}
    assert gives_page(NameGrant)[200]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/NameGrantPage"
    }
    for name in ("NameGrantList", "NameGrantPage"):
        described = lists()[name]
        assert described["required"] == ["items", "next"]
        assert described["properties"]["items"]["items"] == {
            "$ref": "#/components/schemas/NameGrant"
        }
    assert "total" in lists()["NameGrantPage"]["properties"]
    assert "total" not in lists()["NameGrantList"]["properties"]


def test_every_refusal_is_a_problem_document() -> None:
    assert {401, 403, 404, 409, 412, 413, 422, 429, 500, 503} <= set(PROBLEMS)
    for problem in PROBLEMS.values():
        assert set(problem["content"]) == {"application/problem+json"}
