"""Spans: what belongs together, and that they cost next to nothing where nobody wants them."""

import asyncio
import time
from uuid import UUID

import msgspec
import pytest
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, StatusCode, get_current_span

from tests.parts import operation
from tests.servers import bench, seen, vm
from tests.spans import caught, is_child, trace_of
from vmuster.model.changes import Changes, Write
from vmuster.model.ids import HostId, OperationId
from vmuster.model.states import OperationKind, OperationState
from vmuster.ports import spans

ALPHA, BETA = HostId("alpha"), HostId("beta")
COST_MAX = 0.02
"""Of a pass: what spans may cost where nobody wants them."""


def test_a_span_is_within_the_one_that_is_under_way() -> None:
    with caught() as found:
        with spans.span("outer"), spans.span("inner", number=3):
            pass
        inner = found.one("inner")
        assert is_child(inner, found.one("outer"))
        assert inner.attributes == {"number": 3}


def wished(number: int, *, begun: bool = True) -> Changes:
    """A commit that makes an operation, or that ends it."""
    row = operation(OperationKind.STOP, id=OperationId(UUID(int=number)))
    ended = msgspec.structs.replace(row, state=OperationState.DONE)
    write = Write(before=None, after=row) if begun else Write(before=row, after=ended)
    return Changes(writes=(write,))


def test_a_pass_is_of_the_trace_of_the_request_whose_operation_is_open() -> None:
    ids = [OperationId(UUID(int=number)) for number in (1, 2, 3)]
    with caught() as found:
        for number in (1, 2):
            with spans.request(f"request {number}", Context()), spans.committing([wished(number)]):
                pass
        with spans.passing([ALPHA], ids):
            pass
        (a_pass,) = found.all("take_in")
        assert is_child(a_pass, found.one("request 1"))
        (link,) = a_pass.links
        assert link.context == found.one("request 2").context


@pytest.mark.parametrize("many", [1, 2, 11])
def test_a_pass_says_over_how_many_hosts_it_is_and_names_some_of_them(many: int) -> None:
    hosts = [HostId(f"h-{number}") for number in range(many)]
    with caught() as found:
        with spans.passing(hosts, ()):
            pass
        attributes = found.one("take_in").attributes or {}
        assert attributes["vmuster.hosts"] == many
        assert attributes["vmuster.host"] == ", ".join(hosts[:10])


def test_a_pass_of_no_request_is_a_trace_of_its_own() -> None:
    """Also where it is made within another's: a conversation outlives the request that began it."""
    with caught() as found:
        one = OperationId(UUID(int=1))
        with (
            spans.request("request", Context()),
            spans.committing([wished(1)]),
            spans.passing([BETA], []),
        ):
            pass
        with spans.committing([wished(1, begun=False)]), spans.passing([ALPHA], [one]):
            pass
        traces = {trace_of(each) for each in (*found.all("take_in"), found.one("request"))}
        assert len(traces) == 3
        assert [each.parent for each in found.all("take_in")] == [None, None]


def test_an_error_is_said_by_its_kind_alone() -> None:
    with caught() as found:
        with pytest.raises(ValueError, match="web-01"), spans.span("work"):
            raise ValueError("web-01 is gone")
        span = found.one("work")
        assert (span.status.status_code, span.status.description) == (
            StatusCode.ERROR,
            "ValueError",
        )
        assert "web-01" not in span.to_json()


def test_without_a_tracer_there_are_none() -> None:
    with (
        spans.span("a") as one,
        spans.committing(()) as two,
        spans.request("c", Context()) as three,
        spans.passing([ALPHA], []) as four,
    ):
        assert (one, two, three, four) == (None, None, None, None)
        assert get_current_span() is INVALID_SPAN


def test_where_nobody_wants_them_they_cost_next_to_nothing() -> None:
    """A pass has three of them; held against the cheapest pass there is, over a store in memory."""

    async def passes() -> float:
        parts = await bench()
        host = await parts.host()
        shown = [seen(vm(number)) for number in range(20)]
        await parts.report(host, *shown)
        began = time.perf_counter()
        for _ in range(20):
            await parts.report(host, *shown)
        return (time.perf_counter() - began) / 20

    def spent() -> float:
        began = time.perf_counter()
        for _ in range(1000):
            with spans.passing([ALPHA], ()), spans.committing(()), spans.committing(()):
                pass
        return (time.perf_counter() - began) / 1000

    a_pass = min(asyncio.run(passes()) for _ in range(3))
    assert min(spent() for _ in range(5)) < COST_MAX * a_pass
