"""Route of the stream of events: the journal as it is written, over server-sent events."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import format_sse_event
from pydantic import AwareDatetime
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from vmuster.api.inputs.asking import ServiceOf
from vmuster.api.inputs.remembering import OnlyHost, OnlyVm
from vmuster.api.outputs.problems import Problem, ProblemError, too_many
from vmuster.api.routes.api_keys import OwnKey
from vmuster.model.journal import EntryKind
from vmuster.model.keys import ApiKey
from vmuster.server.service import Service
from vmuster.server.watch.news import newest, place_before
from vmuster.server.watch.streams import Stream, TooMany, Wanted

router: Final = APIRouter(prefix="/events", tags=["journal"])
PULSE_SECONDS: Final = 15.0
"""Where nothing was written for so long, a comment is sent."""
SEND_SECONDS: Final = 30.0
"""A reader that takes in nothing for so long is not waited for any more."""
_RETRY_MILLISECONDS: Final = 1000
_ID_MAX: Final = 2**63 - 1
_AGAIN_SECONDS: Final = 5
_END: Final = "end"
_LINE_ENDS: Final = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""What JSON lets through and many a reader takes for the end of a line; there are none but in
strings."""
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "events: `id`, `event` (the entry's kind) and `data` (the entry)",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


async def _wanted(
    vm: OnlyVm,
    host: OnlyHost,
    kind: Annotated[list[EntryKind], Query(description="only of this kind, or of these")] = [],  # noqa: B006
) -> Wanted:
    return Wanted(vm=vm, host=host, kinds=frozenset(kind))


async def _place(
    service: ServiceOf,
    since: Annotated[
        AwareDatetime | None, Query(description="from this moment on; else from now on")
    ] = None,
    seen: Annotated[
        int | None,
        Query(alias="last_event_id", ge=0, le=_ID_MAX, description="what comes after this id"),
    ] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=_ID_MAX)] = None,
) -> int:
    """The id after which the stream begins. The header goes before the query, which a browser
    repeats when it comes back."""
    store = service.store
    place = seen if last_event_id is None else last_event_id
    if place is None and since is not None:
        return await place_before(store, since.timestamp())
    last = await newest(store)
    if place is None:
        return last
    if place > last:
        raise ProblemError(_RELIST)
    return place


@router.get("", responses=_STREAM)
async def follow_events(
    service: ServiceOf,
    key: OwnKey,
    wanted: Annotated[Wanted, Depends(_wanted)],
    place: Annotated[int, Depends(_place)],
) -> Response:
    """What is decided, asked, sent and answered, as it is written; resumed by `Last-Event-ID`."""
    return _Events(await _opened(service, key, wanted, place))


async def _opened(service: Service, key: ApiKey, wanted: Wanted, place: int) -> Stream:
    try:
        return await service.streams.open(key, wanted, place)
    except TooMany as error:
        raise too_many(error.message, _AGAIN_SECONDS) from error


class _Events(StreamingResponse):
    """A stream as it is sent. A reader that stands still is left, for nobody to be held up."""

    media_type = "text/event-stream"

    def __init__(self, stream: Stream) -> None:
        super().__init__(_sent(stream), headers={"Cache-Control": "no-store"})
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, until it or its reader ends."""

        async def in_time(message: Message) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)

        with self._stream:
            try:
                await super().__call__(scope, receive, in_time)
            except TimeoutError:
                self._stream.end("nobody reads it")


async def _sent(stream: Stream) -> AsyncGenerator[bytes]:
    """The events of a stream. Each id is said, also where no entry of it is wanted: whoever comes
    back with it needs not go through what lies before it again."""
    yield format_sse_event(id=str(stream.place), retry=_RETRY_MILLISECONDS)
    async for told in stream.told(PULSE_SECONDS):
        if not told:
            yield format_sse_event(comment="nothing new", id=str(stream.place))
        for each in told:
            data = each.data.decode("utf-8").translate(_LINE_ENDS)
            yield format_sse_event(id=str(each.entry.id), event=each.entry.kind, data_str=data)
    yield format_sse_event(event=_END, data_str=msgspec.json.encode({"why": stream.ended}).decode())


_RELIST: Final = Problem(
    kind="relist",
    title="Begin anew",
    status=410,
    detail="the journal has no entry of that id: this is another database, or an older one",
    hint="read the lists again, and follow without an id",
)
