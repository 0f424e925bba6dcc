"""The API in memory, with a clock in the hand: for tests of who may ask what, and how often."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx2
from fastapi import FastAPI

from tests.checkups import HandSurroundings
from tests.clocks import HandClock
from tests.outside import HandHostKeys, HandPoster, HandRing, HandSealer
from tests.servers import Bench, bench
from vmuster.api.app import create_app
from vmuster.api.gates.limits import Limits
from vmuster.model.changes import Changes, Write
from vmuster.model.keys import ApiKey, Scope
from vmuster.server.service import Service
from vmuster.wiring.secrets.keys import fresh_key

_T = TypeVar("_T")
EXPIRES_AT: Final = 2_000_000.0
"""When the keys of a door that expire are over; its clock begins before that."""


class Door:
    """The application over a server's parts, and how to ask it something.

    It knows a key of each scope, called as the scope, whose text is the name too.
    """

    def __init__(self, parts: Bench, limits: Limits) -> None:
        self.parts = parts
        self.keyring, self.sealer, self.poster = HandRing(), HandSealer(), HandPoster()
        self.service = Service(
            parts.context,
            None,
            keyring=self.keyring,
            sealer=self.sealer,
            host_keys=HandHostKeys(),
            poster=self.poster,
            surroundings=HandSurroundings(),
            mint=fresh_key,
            loopback_hosts=False,
        )
        self.app: FastAPI = create_app(self.service, limits=limits)

    @property
    def clock(self) -> HandClock:
        return self.parts.clock

    async def know(self, name: str, scope: Scope, *, expires_at: float | None = None) -> None:
        """Know a key, whose text is its name."""
        digest = hashlib.sha256(name.encode()).hexdigest()
        key = ApiKey(name=name, digest=digest, created_at=1.0, scope=scope, expires_at=expires_at)
        written = await self.parts.store.commit([Changes(writes=(Write(before=None, after=key),))])
        assert written == [""]

    async def ask(
        self,
        method: str,
        path: str,
        *,
        key: str = "admin",
        peer: str = "192.0.2.1",
        headers: dict[str, str] | None = None,
        json: object = None,
    ) -> httpx2.Response:
        """The answer to one request; `key`: its text, empty for none; `path`: below /api/v1."""
        bearer = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx2.ASGITransport(app=self.app, client=(peer, 1))
        base = "http://door/api/v1/"
        async with httpx2.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(
                method, path, headers={**bearer, **(headers or {})}, json=json
            )


def at_door(act: Callable[[Door], Awaitable[_T]], limits: Limits | None = None) -> _T:
    """What `act` gives at a door of its own."""

    async def acted() -> _T:
        door = Door(await bench(), limits or Limits())
        for scope in Scope:
            await door.know(scope.value, scope)
        return await act(door)

    return asyncio.run(acted())
