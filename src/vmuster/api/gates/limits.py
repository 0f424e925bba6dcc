"""How much of the server one asker may take: the numbers, and the gate for what is asked with a
key (T13, T20).

All of it is counted in memory, by the key's name. Requests that wait by their nature, for a VM to
stop or for news, cost next to nothing while they do; they are counted apart, so that they keep
nobody else out.
"""

from collections import Counter
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from vmuster.api.gates.peers import peer_of
from vmuster.api.gates.rates import Bucket, Window, whole_seconds
from vmuster.api.gates.rehearsing import is_rehearsal
from vmuster.api.outputs.problems import too_many
from vmuster.ports.clock import Clock
from vmuster.server.requests.api_keys import ApiKeys

_STOPS: Final = frozenset({"stop_vm"})
"""Routes by which a key could switch a fleet off."""
_STREAMS: Final = frozenset({"follow_events"})
"""Routes whose answers do not end by themselves."""
_LONG: Final = frozenset({"openapi"})
"""Routes that need no key, and whose answers are long."""

_Rate = Annotated[float, msgspec.Meta(ge=0.1, le=1_000_000)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
_Bytes = Annotated[int, msgspec.Meta(ge=1024, le=1 << 30)]
_Seconds = Annotated[float, msgspec.Meta(ge=0.1, le=3600)]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Every limit of the API. What is over one of them is refused, with a time to ask again."""

    requests_per_second: _Rate = 50.0
    """Of one key, on the average; and of one address, of what is long and needs no key."""
    requests_burst: _Count = 200
    """Of one key, or address, at once."""
    requests_in_flight_max: _Count = 64
    """Of everybody, being answered at one moment; those that wait are not among them."""
    waiting_per_key_max: _Count = 32
    """Of one key: requests that wait (`?wait=`), and streams of events."""
    stops_per_minute: _Count = 20
    """Of one key: requests to stop a VM. Whoever needs more at once uses a held plan, or waits."""
    failed_keys_per_minute: _Count = 10
    """Of one address: requests without a good key."""
    body_bytes_max: _Bytes = 1024 * 1024
    """Of a request's body."""
    body_seconds_max: _Seconds = 30.0
    """Until the whole of a body has come."""
    head_bytes_max: _Bytes = 16 * 1024
    """Of a request's line and headers; half of it for the url."""
    head_seconds_max: _Seconds = 10.0
    """Until the whole of a head has come; and for what is left of a request that was refused."""
    connections_max: _Count = 512
    """At one moment."""


class LimitGate:
    """Refuses what one key asks too often, or too much of at once."""

    def __init__(self, app: ASGIApp, *, keys: ApiKeys, clock: Clock, limits: Limits) -> None:
        self._app = app
        self._keys = keys
        self._limits = limits
        rate, burst = limits.requests_per_second, limits.requests_burst
        self._requests = Bucket(clock, per_second=rate, burst=burst)
        self._strangers = Bucket(clock, per_second=rate, burst=burst)
        self._stops = Window(clock, times=limits.stops_per_minute, seconds=60)
        self._in_flight: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; raises a problem of status 429."""
        if scope["type"] != "http" or "key" not in scope["state"]:
            self._check_stranger(scope)
            await self._app(scope, receive, send)
            return
        actor: str = scope["state"]["actor"]
        route: str = scope["state"]["route"].name
        await self._check_rates(actor, stops=route in _STOPS and not is_rehearsal(scope))
        with self._waiter(actor) if _waits(scope, route) else self._place(actor):
            await self._app(scope, receive, send)

    def _check_stranger(self, scope: Scope) -> None:
        """What is asked without a key is told apart by where it comes from."""
        if scope["type"] == "http" and scope["state"]["route"].name in _LONG:
            wait = self._strangers.take(peer_of(scope))
            if wait:
                raise too_many("it is asked for too often from your address", whole_seconds(wait))

    async def _check_rates(self, actor: str, *, stops: bool) -> None:
        wait = self._requests.take(actor)
        if wait:
            raise too_many(f"key {actor} asks too often", whole_seconds(wait))
        wait = self._stops.take(actor) if stops else 0.0
        if wait:
            await self._keys.alert_stops(actor, self._limits.stops_per_minute)
            said = f"key {actor} asked for more than {self._limits.stops_per_minute} stops a minute"
            raise too_many(said, whole_seconds(wait))

    def _place(self, actor: str) -> AbstractContextManager[None]:
        """One of the places for requests that are answered at once. One key has half of them at
        most: whoever sends bodies byte by byte, or reads no answer, keeps nobody else out."""
        most = self._limits.requests_in_flight_max
        taken, own = self._in_flight.total(), self._in_flight[actor]
        if taken >= most:
            raise too_many(f"{taken} requests are being answered", 1)
        if own >= max(1, most // 2):
            raise too_many(f"{own} requests of key {actor} are being answered", 1)
        return _counted(self._in_flight, actor)

    def _waiter(self, actor: str) -> AbstractContextManager[None]:
        """One of the places that a key has for requests that wait."""
        if self._waiting[actor] >= self._limits.waiting_per_key_max:
            raise too_many(f"{self._waiting[actor]} requests of key {actor} are waiting", 1)
        return _counted(self._waiting, actor)


@contextmanager
def _counted(places: Counter[str], actor: str) -> Generator[None]:
    """Have one of the places, and give it back."""
    places[actor] += 1
    try:
        yield
    finally:
        places[actor] -= 1
        if not places[actor]:
            del places[actor]


def _waits(scope: Scope, route: str) -> bool:
    """Whether a request waits by its nature."""
    said = parse_qsl(scope["query_string"].decode("latin-1"))
    return route in _STREAMS or any(name == "wait" for name, _ in said)
