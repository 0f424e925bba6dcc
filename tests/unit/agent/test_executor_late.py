"""A call that was given up and comes back: what it did is told after all, as our own deed."""

import asyncio
from pathlib import Path

import pytest

from tests import moments
from tests.executors import Bench
from tests.parts import HOST
from tests.talks import Talk, living
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.model.messages import Answered
from vmuster.model.permits import Refusal
from vmuster.model.states import CommandOutcome, Completeness, StopMethod
from vmuster.ports.driver import DriverError

pytestmark = pytest.mark.anyio
FORCE = moments.stop(automatic=False, method=StopMethod.FORCE)
Call = asyncio.Future[Refusal | None]
DONE, FAILED = CommandOutcome.DONE, CommandOutcome.FAILED
OUTCOMES: dict[str, tuple[DriverError | None, CommandOutcome, bool]] = {
    "done": (None, DONE, False),
    "failed": (DriverError("no such thing"), FAILED, False),
    "unknown still": (DriverError("the daemon ended", unknown=True), FAILED, True),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def hang(bench: Bench | Talk, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Have the next stop given up; its call comes back with what the test puts here."""
    call: Call = asyncio.get_running_loop().create_future()

    async def stop_vm(_vm: object, _judge: object) -> None:
        raise DriverError("no answer in time", unknown=True, late=call)

    monkeypatch.setattr(bench.driver, "stop_vm", stop_vm)
    return call


def come_back(call: Call, error: DriverError | None) -> None:
    if error is None:
        call.set_result(None)
    else:
        call.set_exception(error)


@pytest.mark.parametrize("name", OUTCOMES)
async def test_what_it_came_to_is_the_answer_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    error, outcome, unknown = OUTCOMES[name]
    bench = Bench(tmp_path)
    call = hang(bench, monkeypatch)
    first = await bench.execute(FORCE)
    assert (first.outcome, first.unknown) == (FAILED, True)
    come_back(call, error)
    late = await bench.executor.afterwards(FORCE)
    assert late is not None
    assert (late.outcome, late.unknown) == (outcome, unknown)
    assert "came back" in late.message
    assert Journal(JournalFile(bench.path), HOST).answer(FORCE.id) == late
    assert await bench.executor.afterwards(FORCE) is None, "it is told once"


async def test_of_what_was_answered_in_time_nothing_is_to_come(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert (await bench.execute(FORCE)).outcome is DONE
    assert await bench.executor.afterwards(FORCE) is None


async def test_it_is_answered_twice_and_looked_at_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk(tmp_path)
    async with living(talk):
        await talk.welcome()
        call = hang(talk, monkeypatch)
        await talk.order(FORCE)
        assert (await talk.hear(Answered)).result.unknown
        await talk.report(Completeness.PARTIAL)
        come_back(call, None)
        result = (await talk.hear(Answered)).result
        assert (result.command, result.outcome, result.unknown) == (FORCE.id, DONE, False)
        await talk.report(Completeness.PARTIAL)
