"""L3's checker: what was promised is kept, ends, and happens once."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from tests.lawbench import NOBODY, SERVER, Bench, start, stop
from tests.parts import HOST, operation, record
from vmuster.model.commands import CommandResult, OutboxCommand
from vmuster.model.host import Host
from vmuster.model.ids import OperationId
from vmuster.model.messages import Orders
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.model.states import (
    CommandOutcome,
    DesiredState,
    HostMode,
    OperationKind,
    OperationState,
)
from vmuster.sim.laws.requests import Requests
from vmuster.sim.world.decided import Asking, Word
from vmuster.sim.world.pages import MemoryPages
from vmuster.sim.world.truth import Asked


def promised(asked: Operation, **changes: object) -> Bench:
    """An operation as it is durable, which somebody was then told of."""
    bench = Bench(Requests)
    bench.write(operation(asked.kind, id=asked.id, **changes))
    said(bench, asked)
    return bench


def said(bench: Bench, asked: Operation | None) -> None:
    told = Asked(at=0.0, actor="ann", what="ann stops it", operation=asked)
    bench.world.chronicle.asked(told)


STOP = operation(OperationKind.STOP)
UNKNOWN = CommandResult(
    command=stop(number=1).id,
    host=HOST,
    outcome=CommandOutcome.FAILED,
    message="",
    unknown=True,
)
ENDED = f'{{"type":"ended","command":"{stop(number=1).id}"}}\n'.encode()


def test_a_request_that_ends_is_kept() -> None:
    bench = promised(STOP, state=OperationState.DONE)
    asyncio.run(bench.law.at_end())
    assert bench.broken == []


def test_what_is_not_durable_must_not_be_promised() -> None:
    bench = Bench(Requests)
    said(bench, STOP)
    said(bench, None)
    assert bench.broken == ["ann was told that it is taken, and it is not: ann stops it"]


def test_what_was_dropped_before_anybody_was_told_is_not_promised() -> None:
    bench = Bench(Requests)
    bench.write(STOP)
    bench.write(dropped=(STOP,))
    said(bench, STOP)
    assert bench.broken == ["ann was told that it is taken, and it is not: ann stops it"]


def test_what_was_promised_is_never_dropped() -> None:
    bench = promised(STOP)
    bench.write(dropped=(STOP,))
    assert bench.broken == ["an acknowledged request was dropped: ann stops it"]
    asyncio.run(bench.law.at_end())
    assert bench.broken[1:] == ["an acknowledged request is lost: ann stops it"]


def test_what_was_promised_ends() -> None:
    bench = promised(STOP)
    asyncio.run(bench.law.at_end())
    assert bench.broken == ["an acknowledged request does not end: ann stops it"]


def test_an_older_database_keeps_the_promises_that_it_knows() -> None:
    bench = Bench(Requests)
    bench.world.database.back_up("monday")
    bench.write(STOP)
    said(bench, STOP)
    bench.world.database.restore("monday")
    bench.world.chronicle.restored()
    asyncio.run(bench.law.at_end())
    said(bench, STOP)  # an answer that comes after that
    asyncio.run(bench.law.at_end())
    assert bench.broken == []


@pytest.mark.parametrize(("key", "times"), [("a key", 1), ("", 0)])
def test_a_request_under_its_key_is_one_operation(key: str, times: int) -> None:
    bench = Bench(Requests)
    done = {"state": OperationState.DONE, "idempotency_key": key}
    bench.write(operation(OperationKind.STOP, **done))
    bench.write(operation(OperationKind.STOP, **done, message="the same row again"))
    assert bench.broken == []
    bench.world.database.rows._tables[Operation].clear()  # pyright: ignore[reportPrivateUsage]
    bench.write(operation(OperationKind.STOP, **done, id=OperationId(UUID(int=78))))
    assert len(bench.broken) == times


def test_a_command_has_each_effect_once() -> None:
    bench = Bench(Requests)
    bench.act("shutdown", stop())
    bench.act("force", stop())
    bench.act("start", start(2))
    bench.act("start", None)
    bench.act("start", None)
    assert bench.broken == []
    bench.act("start", start(2))
    assert len(bench.broken) == 1
    assert "had its effect twice" in bench.broken[0]


@pytest.mark.parametrize(("unknown", "times"), [(True, 0), (False, 1)])
def test_a_request_has_each_effect_once_by_whatever_command(*, unknown: bool, times: int) -> None:
    bench = Bench(Requests)
    bench.issue(stop(number=1), stop(number=2))
    bench.act("shutdown", stop(number=1))
    sent = bench.world.database.row(OutboxCommand, stop(number=1).id)
    assert sent is not None
    result = msgspec.structs.replace(UNKNOWN, unknown=unknown)
    bench.write(msgspec.structs.replace(sent, result=result))
    bench.act("shutdown", stop(number=2))
    assert len(bench.broken) == times


@pytest.mark.parametrize(
    ("what", "line", "lost", "times"),
    [
        ("shutdown", b"", False, 1),
        ("start", b"", False, 0),
        ("shutdown", ENDED, False, 0),
        ("shutdown", ENDED.replace(b"ended", b"begun"), False, 1),
        ("shutdown", b"", True, 0),
    ],
    ids=["whole", "a start", "with an end", "with another line", "lost"],
)
def test_a_guest_is_asked_once_as_far_as_its_agents_journal_knows(
    what: str, line: bytes, times: int, *, lost: bool
) -> None:
    bench = Bench(Requests)
    pages = bench.world.hosts[HOST].pages[HOST, HOST] = MemoryPages()
    bench.issue(stop(number=1), stop(number=2))
    bench.act(what, stop(number=1))
    sent = bench.world.database.row(OutboxCommand, stop(number=1).id)
    assert sent is not None
    bench.write(msgspec.structs.replace(sent, result=UNKNOWN))
    pages.append(line)
    if lost:
        pages.lose()
    bench.act(what, stop(number=2))
    assert len(bench.broken) == times


def decides(value: HostMode) -> Asking:
    word = Word(kind=Host, field="mode", value=value, name=HOST)
    return Asking(at=0.0, actor="ann", key="a key", what="", words=(word,))


def in_mode(bench: Bench, mode: HostMode, asking: Asking) -> None:
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    bench.write(msgspec.structs.replace(row, mode=mode), asking=asking)


def test_what_was_decided_is_so_until_somebody_asks_otherwise() -> None:
    bench = Bench(Requests)
    in_mode(bench, HostMode.OBSERVE, decides(HostMode.OBSERVE))
    in_mode(bench, HostMode.MANAGE, decides(HostMode.MANAGE))
    assert bench.broken == []
    in_mode(bench, HostMode.OBSERVE, decides(HostMode.MANAGE))
    in_mode(bench, HostMode.MANAGE, NOBODY)
    assert bench.broken == ["home: nobody asked for another mode"] * 2


@pytest.mark.parametrize(("meanwhile", "times"), [(False, 1), (True, 0)])
def test_who_is_told_that_it_is_so_finds_it_so(*, meanwhile: bool, times: int) -> None:
    bench = Bench(Requests)
    if meanwhile:
        bench.at(1.0)
        in_mode(bench, HostMode.CORDONED, decides(HostMode.CORDONED))
    told = Asked(at=0.0, actor="ann", what="ann sets it", asking=decides(HostMode.OBSERVE))
    bench.world.chronicle.asked(told)
    assert len(bench.broken) == times


def ordered(bench: Bench, at: float) -> None:
    bench.at(at)
    bench.law.told(HOST, SERVER, Orders(commands=(stop(),), intake=1))


@pytest.mark.parametrize(("at", "times"), [(310.0, 0), (310.1, 1)])
def test_an_order_is_carried_out_in_its_time(at: float, times: int) -> None:
    bench = Bench(Requests)
    ordered(bench, 10.0)
    bench.at(at)
    bench.act("shutdown", stop())
    assert len(bench.broken) == times


def test_an_order_that_comes_again_is_valid_again() -> None:
    bench = Bench(Requests)
    ordered(bench, 10.0)
    ordered(bench, 200.0)
    bench.at(400.0)
    bench.act("shutdown", stop())
    assert bench.broken == []


@pytest.mark.parametrize(
    ("actor", "desired", "times"),
    [
        ("ann", DesiredState.STOPPED, 0),
        ("ann", DesiredState.RUNNING, 1),
        (AUTOMATIC, DesiredState.RUNNING, 0),
    ],
)
def test_with_a_request_its_wish_is_written(actor: str, desired: DesiredState, times: int) -> None:
    bench = Bench(Requests)
    bench.write(operation(OperationKind.STOP, actor=actor), record(desired=desired))
    assert len(bench.broken) == times
