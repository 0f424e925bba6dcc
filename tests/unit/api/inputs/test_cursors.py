"""Cursors say where to go on, to the question that they were given for, and to no other."""

import json
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

import pytest
from fastapi.exceptions import RequestValidationError

from vmuster.api.inputs.cursors import CHARACTERS_MAX, Number, cursor_of, place_in, question_of
from vmuster.model.text import NAME_CHARACTERS_MAX

UUID_1 = UUID(int=1)
QUESTION = question_of("/api/v1/vms", [("host", "a"), ("name", "b")])
PLACE = tuple[str, UUID, str | None]


def wrong(cursor: str, kind: Any = PLACE) -> str:
    with pytest.raises(RequestValidationError) as caught:
        place_in(cursor, QUESTION, kind)
    (error,) = caught.value.errors()
    assert error["loc"] == ("query", "cursor")
    return error["msg"]


def encoded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("name", ["web", "", "\x00\u202e", "\U0001f600" * NAME_CHARACTERS_MAX])
def test_a_place_comes_back(name: str) -> None:
    cursor = cursor_of(QUESTION, (name, UUID_1, None))
    assert place_in(cursor, QUESTION, PLACE) == (name, UUID_1, None)


def test_the_longest_cursor_is_taken() -> None:
    """A control character needs the most room."""
    place = ("\x01" * NAME_CHARACTERS_MAX, UUID_1, "h-0123456789ab")
    assert len(cursor_of(QUESTION, place)) < CHARACTERS_MAX


def test_the_order_of_filters_makes_no_other_question() -> None:
    assert question_of("/api/v1/vms", [("name", "b"), ("host", "a")]) == QUESTION
    assert question_of("/api/v1/hosts", [("host", "a"), ("name", "b")]) != QUESTION
    assert question_of("/api/v1/vms", [("host", "a")]) != QUESTION
    assert question_of("/api/v1/vms", [("host", "a\nname"), ("b", "")]) != QUESTION


def test_a_cursor_of_another_question_is_refused() -> None:
    other = question_of("/api/v1/vms", [("host", "b"), ("name", "b")])
    assert "another question" in wrong(cursor_of(other, ("a", UUID_1, None)))


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "====",
        "\ud800",
        "ä",
        encoded([]),
        encoded(QUESTION),
        encoded([QUESTION, ["a", "no uuid", None]]),
        encoded([QUESTION, ["a", str(UUID_1)]]),
        encoded([QUESTION, [1, str(UUID_1), None]]),
        urlsafe_b64encode(b'["%b", ["\\ud800", "%b", null]]' % ((QUESTION.encode(),) * 2)).decode(),
        urlsafe_b64encode(b"[" * 2000).decode(),
        urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
    ids=range(12),
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    assert wrong(cursor) == "it is no cursor of this server"


@pytest.mark.parametrize("number", [-1, 2**63, 10**400, 1.5, True])
def test_a_number_that_no_database_counts_to_is_refused(number: float) -> None:
    assert place_in(encoded([QUESTION, [5]]), QUESTION, tuple[Number]) == (5,)
    wrong(encoded([QUESTION, [number]]), tuple[Number])
