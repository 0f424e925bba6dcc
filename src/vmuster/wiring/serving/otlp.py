"""OpenTelemetry's SDK, set up to send traces over OTLP. Only this module loads it."""

from importlib.metadata import version
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

_EXPORT_SECONDS: Final = 5
"""For one batch; a collector that is away must not delay the end of the server."""


def provider_of(endpoint: str) -> TracerProvider:
    """What makes tracers whose spans go to the collector at `endpoint`. It is to be shut down."""
    resource = Resource.create({"service.name": "vmuster", "service.version": version("vmuster")})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
