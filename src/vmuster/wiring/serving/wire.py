"""HTTP/1.1 on the wire: how long a head may take, how long it may be, how many may be connected.

uvicorn waits for ever for a head that does not come to its end, for the rest of a body that nobody
reads any more, and for whoever does not take in what was sent: many such connections keep everybody
else out (slow loris, slow read, T19). Its protocol is taught to look at its clock. What comes after
the head is the gates' affair.
"""

import asyncio
import socket
from typing import Any, ClassVar, Final
from uuid import uuid4

import h11
import msgspec
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from vmuster.api.gates.envelopes import borne
from vmuster.api.gates.limits import Limits
from vmuster.api.outputs.problems import Problem, respond

_NO_HTTP: Final = Problem(
    kind="http",
    title="Not HTTP",
    status=400,
    detail="",
    hint="it is no HTTP/1.1, or its head is too long; see /api/v1/openapi.json",
)
_TOO_SLOW: Final = Problem(
    kind="too-slow",
    title="Too slow",
    status=408,
    detail="no whole request came in time",
    hint="send it anew, in one go",
)
_TOO_MANY: Final = Problem(
    kind="too-many",
    title="Too many",
    status=503,
    detail="too many are connected",
    hint="ask again in a moment, as Retry-After says",
)


def wire(limits: Limits) -> dict[str, Any]:
    """What `uvicorn.Config` is to be told besides the application and the address."""
    return {
        "http": type("LimitedWire", (Wire,), {"limits": limits}),
        "ws": "none",
        "h11_max_incomplete_event_size": limits.head_bytes_max,
    }


class Wire(H11Protocol):
    """One connection, bound by `limits`."""

    limits: ClassVar[Limits]
    unread_seconds: ClassVar[float] = 30.0
    """For the other end to take in all that waits for it, also after the last answer."""
    _patience: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Take a connection, or say that there are too many."""
        super().connection_made(transport)
        # asyncio leaves this to whoever made the listener; without it each answer waits 40 ms for
        # the receipt of its own head
        talk: socket.socket = transport.get_extra_info("socket")
        talk.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.set_write_buffer_limits(high=1)  # to be told of all that waits to be taken in
        if len(self.connections) > self.limits.connections_max:
            self._refuse(_TOO_MANY, {"Retry-After": "1"})
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        super().connection_lost(exc)
        self._taken_in()
        self._watch()

    def pause_writing(self) -> None:
        """The other end has not taken in all of it."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The other end has."""
        super().resume_writing()
        self._taken_in()

    def _taken_in(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        if not self.transport.is_closing():
            super().data_received(data)
            self._watch()

    def on_response_complete(self) -> None:
        """An answer is out; what comes now may be the next request."""
        super().on_response_complete()
        self._watch()

    def send_400_response(self, msg: str) -> None:
        """Say that this is no HTTP, as everything else is said."""
        self._refuse(msgspec.structs.replace(_NO_HTTP, detail=msg), {})

    def _watch(self) -> None:
        """Look at the clock while a head is waited for, or what is left of a request that was
        answered already. A connection on which nothing is under way is uvicorn's to end."""
        waiting = self.conn.their_state is h11.IDLE or self.conn.our_state is h11.DONE
        idle = self.timeout_keep_alive_task is not None
        if not waiting or idle or self.transport.is_closing():
            if self._patience is not None:
                self._patience.cancel()
                self._patience = None
        elif self._patience is None:
            self._patience = self.loop.call_later(self.limits.head_seconds_max, self._end)

    def _end(self) -> None:
        self._patience = None
        if self.conn.our_state is h11.IDLE:
            self._refuse(_TOO_SLOW, {})
        else:
            self.transport.close()

    def _refuse(self, problem: Problem, headers: dict[str, str]) -> None:
        """Answer what never became a whole request, and hang up. Where its answer is on the way or
        out already, since it was refused by its head, there is no other."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        request = uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request):
            answer = respond(problem, {**headers, "Connection": "close"})
        headed = borne(answer.raw_headers, request)
        head = h11.Response(status_code=answer.status_code, headers=headed)
        for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
