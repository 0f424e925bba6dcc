"""A body that was read by a gate is there for whoever is further in."""

import asyncio

from starlette.types import Message

from vmuster.api.gates.receiving import first


def test_the_body_comes_once_and_then_what_else_there_is() -> None:
    async def later() -> Message:
        return {"type": "http.disconnect"}

    async def act() -> list[Message]:
        receive = first({"type": "http.request", "body": b"x"}, later)
        return [await receive() for _ in range(3)]

    gone = {"type": "http.disconnect"}
    assert asyncio.run(act()) == [{"type": "http.request", "body": b"x"}, gone, gone]
