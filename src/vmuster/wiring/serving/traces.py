"""Where traces go, and the requests in them.

No name of a VM is in a span: requests go by the template of their route. The SDK is an extra, and
loaded only where somebody says where traces go.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vmuster.model.errors import Refused
from vmuster.ports import spans

_FAILED: Final = 500
_PARENT: Final = b"traceparent"


@contextmanager
def exporting(endpoint: str) -> Generator[None]:
    """Send traces to the collector at `endpoint` (OTLP over HTTP) while the block runs; empty: to
    nobody. Raises `Refused` where that is wanted and can't be."""
    if not endpoint:
        yield
        return
    try:
        from vmuster.wiring.serving.otlp import provider_of  # noqa: PLC0415 - it loads the extra
    except ImportError as error:
        raise Refused(
            "otel_endpoint is set, and OpenTelemetry's SDK is not installed",
            hint="pip install 'vmuster[otel]', or leave otel_endpoint empty",
        ) from error
    provider = provider_of(endpoint)
    spans.use(provider.get_tracer("vmuster"))
    try:
        yield
    finally:
        spans.use(None)
        provider.shutdown()


class TracedApp:
    """An application whose requests are spans; those of whoever sends a `traceparent` belong to
    their trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, within its span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        with spans.request("request", _parent(scope)) as span:
            if span is None:
                await self._app(scope, receive, send)
                return

            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = dict(message.get("headers", ()))
                    span.set_attribute("http.response.status_code", message["status"])
                    request_id = headers.get(b"x-request-id", b"").decode("latin-1")
                    span.set_attribute("vmuster.request_id", request_id)
                    if message["status"] >= _FAILED:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            try:
                await self._app(scope, receive, told)
            finally:
                route = scope["state"].get("route")
                template = route.template if route is not None else "none"
                method = scope["method"] if route is not None else "OTHER"
                span.update_name(f"{method} {template}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", template)


def _parent(scope: Scope) -> Context:
    said = [value for name, value in scope["headers"] if name == _PARENT]
    carrier = {_PARENT.decode(): said[0].decode("latin-1")} if len(said) == 1 else {}
    return TraceContextTextMapPropagator().extract(carrier, Context())
