"""What a response says. Every answer is made here; `server/answers/saying` has the rule."""

from collections.abc import Mapping, Sequence

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from vmuster.api.inputs.asking import service_of
from vmuster.server.answers.saying import say


class Answer(Response):
    """A response that says a value. It is put into words when it is sent, for only then are the
    names of the hosts in it looked up."""

    media_type = "application/json"

    def __init__(self, value: object, status: int, headers: Mapping[str, str] | None) -> None:
        super().__init__(status_code=status, headers=headers)
        del self.headers["content-length"]
        self.value = value

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        store = service_of(scope).store
        self.body = msgspec.json.encode(await say(store, self.value))
        self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """`value` as a response."""
    return Answer(value, status, headers)


def answer_list(values: Sequence[object], *, status: int = 200) -> Answer:
    """Several values as a response that has all of them: `{"items": [...], "next": null}`."""
    return answer({"items": values, "next": None}, status=status)
