"""The gate that is shut once the server is to stop."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from vmuster.api.routes.health import PATHS
from vmuster.model.errors import Unavailable
from vmuster.server.service import Service

_RESTART_SECONDS: Final = 5.0


class StopGate:
    """Lets nobody in any more, and whoever is in finish; how the server is can be asked still."""

    def __init__(self, app: ASGIApp, *, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; raises `Unavailable`."""
        if scope["type"] == "http" and self._service.stopping and scope["path"] not in PATHS:
            raise Unavailable(
                "the server is about to stop",
                hint="ask again in a moment: if it is started again, it goes on where it was",
                retry_after_seconds=_RESTART_SECONDS,
            )
        await self._app(scope, receive, send)
