"""Spans of work, for traces: OpenTelemetry's API behind two functions.

Unless `use` is given a tracer there are none, and a span costs a comparison. An error is said by
its kind alone: its words may hold the name of a VM, and so may no attribute.
"""

from collections import OrderedDict
from collections.abc import Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from opentelemetry import context as contexts
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
)

from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.ids import CommandId, HostId, OperationId
from vmuster.model.operations import Operation

_HOSTS_TOLD: Final = 10
_KEPT_MAX: Final = 10_000
"""Operations, and commands, under way, of which it is remembered to which trace they belong."""


class _Tracing:
    tracer: Tracer | None = None
    requests: Final[OrderedDict[OperationId, Context]] = OrderedDict()
    commands: Final[OrderedDict[CommandId, Span]] = OrderedDict()


def use(tracer: Tracer | None) -> None:
    """Make spans by this tracer from now on; by none: make none. What is under way ends."""
    for command in _Tracing.commands.values():
        command.end()
    _Tracing.tracer = tracer
    _Tracing.requests.clear()
    _Tracing.commands.clear()


def span(name: str, **attributes: str | int) -> AbstractContextManager[Span | None]:
    """A span within the one that is under way."""
    if _Tracing.tracer is None:
        return nullcontext()
    return _within(_Tracing.tracer, name, contexts.get_current(), attributes)


def request(name: str, parent: Context) -> AbstractContextManager[Span | None]:
    """The span of a person's request."""
    if _Tracing.tracer is None:
        return nullcontext()
    return _within(_Tracing.tracer, name, parent, {}, SpanKind.SERVER)


def passing(
    hosts: Sequence[HostId], operations: Iterable[OperationId]
) -> AbstractContextManager[Span | None]:
    """The span of a pass over `hosts`: of the trace of the request whose operation is still open
    there (with several: of the first, linked to the others), else of its own."""
    if _Tracing.tracer is None:
        return nullcontext()
    found = [known for each in operations if (known := _Tracing.requests.get(each)) is not None]
    return _within(
        _Tracing.tracer,
        "take_in",
        found[0] if found else Context(),
        {"vmuster.host": ", ".join(hosts[:_HOSTS_TOLD]), "vmuster.hosts": len(hosts)},
        links=[Link(get_current_span(each).get_span_context()) for each in found[1:]],
    )


def committing(changes: Sequence[Changes]) -> AbstractContextManager[Span | None]:
    """The span of a commit. An operation in it belongs to the trace that is under way, and a
    command is a span from here to the commit of its answer."""
    if _Tracing.tracer is None:
        return nullcontext()
    for each in changes:
        for write in each.writes:
            match write.after:
                case Operation() as operation:
                    _note_operation(operation, fresh=write.before is None)
                case OutboxCommand() as row:
                    _note_command(_Tracing.tracer, row)
                case _:
                    pass
    return span("commit", **{"vmuster.sets": len(changes)})


def _note_operation(operation: Operation, *, fresh: bool) -> None:
    kept = _Tracing.requests
    if not operation.open:
        kept.pop(operation.id, None)
    elif fresh:
        kept[operation.id] = contexts.get_current()
        if len(kept) > _KEPT_MAX:
            kept.popitem(last=False)


def _note_command(tracer: Tracer, row: OutboxCommand) -> None:
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
def _within(
    tracer: Tracer,
    name: str,
    parent: Context,
    attributes: dict[str, str | int],
    kind: SpanKind = SpanKind.INTERNAL,
    links: Sequence[Link] = (),
) -> Generator[Span]:
    with tracer.start_as_current_span(
        name,
        parent,
        kind,
        attributes,
        links,
        record_exception=False,
        set_status_on_exception=False,
    ) as begun:
        try:
            yield begun
        except Exception as error:
            begun.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
