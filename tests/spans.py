"""Spans caught in memory, as OpenTelemetry's own SDK makes them."""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from vmuster.ports import spans


class Caught:
    """Spans that have ended."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def all(self, name: str = "") -> list[ReadableSpan]:
        """Those of this name, or all."""
        return [each for each in self._exporter.get_finished_spans() if name in ("", each.name)]

    def one(self, name: str) -> ReadableSpan:
        """The only one of this name."""
        (found,) = self.all(name)
        return found


@contextmanager
def caught() -> Generator[Caught]:
    """Spans are made while the block runs."""
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans.use(provider.get_tracer("test"))
    try:
        yield Caught(exporter)
    finally:
        spans.use(None)
        provider.shutdown()


def trace_of(span: ReadableSpan) -> int:
    """The trace that a span belongs to."""
    assert span.context is not None
    return span.context.trace_id


def is_child(span: ReadableSpan, of: ReadableSpan) -> bool:
    """Whether a span is right below another."""
    assert of.context is not None
    return span.parent is not None and span.parent.span_id == of.context.span_id
