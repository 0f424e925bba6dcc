"""Spans of work, for traces: OpenTelemetry's API behind two functions.

Unless `use` is given a tracer there are none, and a span costs a comparison. An error is said by
its kind alone: its words may hold the name of a VM, and so may no attribute.
"""

from collections import OrderedDict
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Final

from opentelemetry import context as contexts
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.ids import CommandId, HostId

_KEPT_MAX: Final = 10_000
"""Causes, and commands under way, of which it is remembered to which trace they belong."""
_asked: Final[ContextVar[Context | None]] = ContextVar("asked", default=None)
"""The trace of the person's request that is being answered."""


class _Tracing:
    tracer: Tracer | None = None
    causes: Final[OrderedDict[HostId, Context]] = OrderedDict()
    commands: Final[OrderedDict[CommandId, Span]] = OrderedDict()


def use(tracer: Tracer | None) -> None:
    """Make spans by this tracer from now on; by none: make none. What is under way ends."""
    for command in _Tracing.commands.values():
        command.end()
    _Tracing.tracer = tracer
    _Tracing.causes.clear()
    _Tracing.commands.clear()


def span(name: str, **attributes: str | int) -> AbstractContextManager[Span | None]:
    """A span within the one that is under way."""
    if _Tracing.tracer is None:
        return nullcontext()
    return _within(_Tracing.tracer, name, contexts.get_current(), attributes)


@contextmanager
def request(name: str, parent: Context) -> Generator[Span | None]:
    """The span of a person's request; what it causes elsewhere belongs to its trace."""
    if _Tracing.tracer is None:
        yield None
        return
    with _within(_Tracing.tracer, name, parent, {}, SpanKind.SERVER) as begun:
        token = _asked.set(contexts.get_current())
        try:
            yield begun
        finally:
            _asked.reset(token)


def cause(host: HostId) -> None:
    """What this request asks of `host` is the cause of the next pass over it."""
    asked = _asked.get()
    if _Tracing.tracer is not None and asked is not None:
        _Tracing.causes[host] = asked
        if len(_Tracing.causes) > _KEPT_MAX:
            _Tracing.causes.popitem(last=False)


def passing(name: str, host: HostId) -> AbstractContextManager[Span | None]:
    """The span of a pass over `host`: of the trace of the request that caused it, or its own."""
    if _Tracing.tracer is None:
        return nullcontext()
    return _passing(_Tracing.tracer, name, host)


def committing(changes: Sequence[Changes]) -> AbstractContextManager[Span | None]:
    """The span of a commit. A command in it is a span from here to the commit of its answer."""
    if _Tracing.tracer is None:
        return nullcontext()
    for each in changes:
        for write in each.writes:
            if isinstance(write.after, OutboxCommand):
                _note(_Tracing.tracer, write.after)
    return span("commit", **{"vmuster.sets": len(changes)})


def _note(tracer: Tracer, row: OutboxCommand) -> None:
    kept = _Tracing.commands
    if row.result is not None:
        if known := kept.pop(row.id, None):
            known.set_attribute("vmuster.outcome", row.result.outcome.value)
            known.end()
    elif row.id not in kept:
        attributes = {
            "vmuster.command": str(row.command.__struct_config__.tag),
            "vmuster.host": str(row.host),
        }
        kept[row.id] = tracer.start_span("command", attributes=attributes)
        if len(kept) > _KEPT_MAX:
            kept.popitem(last=False)[1].end()


@contextmanager
def _passing(tracer: Tracer, name: str, host: HostId) -> Generator[Span]:
    parent = _Tracing.causes.pop(host, None) or Context()
    token = _asked.set(None)
    try:
        with _within(tracer, name, parent, {"vmuster.host": str(host)}) as begun:
            yield begun
    finally:
        _asked.reset(token)


@contextmanager
def _within(
    tracer: Tracer,
    name: str,
    parent: Context,
    attributes: dict[str, str | int],
    kind: SpanKind = SpanKind.INTERNAL,
) -> Generator[Span]:
    with tracer.start_as_current_span(
        name,
        parent,
        kind,
        attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as begun:
        try:
            yield begun
        except Exception as error:
            begun.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
