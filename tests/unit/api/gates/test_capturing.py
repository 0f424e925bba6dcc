"""An answer that was captured is passed on as it was given."""

import asyncio

import pytest
from starlette.responses import Response
from starlette.types import Message

from vmuster.api.gates.capturing import Captured


async def captured(response: Response) -> Captured:
    answer = Captured()
    await response({"type": "http"}, _nothing, answer.send)
    return answer


async def _nothing() -> Message:
    raise AssertionError("an answer reads nothing")


@pytest.mark.parametrize(("status", "done"), [(200, True), (202, True), (302, False), (409, False)])
def test_it_says_whether_what_was_asked_for_was_done(status: int, done: bool) -> None:
    assert asyncio.run(captured(Response("", status))).done is done


def test_it_is_passed_on_as_it_was_given() -> None:
    async def passed() -> tuple[Captured, Captured]:
        first, second = await captured(Response("said", 201, {"Location": "/x"})), Captured()
        await first.pass_on({}, _nothing, second.send)
        return first, second

    first, second = asyncio.run(passed())
    assert first.__dict__ == second.__dict__
    assert (second.status, second.body) == (201, b"said")
    assert (b"location", b"/x") in second.headers
