"""The witness is asked off the event loop, once at a time, and never waited for without end."""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, get_ident

import pytest

from tests.parts import VM
from vmuster.agent.inquiry import Inquiry
from vmuster.model.ids import VmUuid

pytestmark = pytest.mark.anyio
HELD = frozenset({VM})


class SlowWitness:
    """Answers when it is let; remembers which threads asked it."""

    def __init__(self) -> None:
        self.asked = Event()
        self.answers = Event()
        self.asked_by: list[int] = []

    def held(self) -> frozenset[VmUuid] | None:
        self.asked_by.append(get_ident())
        self.asked.set()
        self.answers.wait(10)
        return HELD


def until_it_has_answered() -> None:
    for thread in threading.enumerate():
        if thread.name == "witness":
            thread.join(5)


@contextmanager
def hanging() -> Generator[SlowWitness]:
    """A witness that hangs until the test is over."""
    witness = SlowWitness()
    try:
        yield witness
    finally:
        witness.answers.set()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_it_says_what_the_witness_says_and_asks_in_a_thread_of_its_own() -> None:
    witness = SlowWitness()
    witness.answers.set()
    assert await Inquiry(witness.held, seconds=10).answer() == HELD
    assert len(witness.asked_by) == 1
    assert get_ident() not in witness.asked_by


async def test_the_thread_is_asked_of_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def at_once(_executor: object, question: Callable[[], object]) -> object:
        asked.append(question())
        return asked[-1]

    witness = SlowWitness()
    witness.answers.set()
    monkeypatch.setattr(asyncio.get_running_loop(), "run_in_executor", at_once)
    assert await Inquiry(witness.held, seconds=10).answer() == HELD
    assert asked == [HELD]
    assert witness.asked_by == [get_ident()]


async def test_a_mistake_of_the_witness_is_not_hidden() -> None:
    def mistaken() -> int:
        raise ValueError("no number")

    inquiry = Inquiry(mistaken, seconds=10)
    for _again in range(2):
        with pytest.raises(ValueError, match="no number"):
            await inquiry.answer()


async def test_while_the_witness_thinks_the_event_loop_goes_on() -> None:
    with hanging() as witness:
        answer = asyncio.create_task(Inquiry(witness.held, seconds=10).answer())
        assert await asyncio.to_thread(witness.asked.wait, 5)
        assert not answer.done()
        witness.answers.set()
        assert await answer == HELD


async def test_a_late_answer_is_none_and_no_second_question_is_put() -> None:
    with hanging() as witness:
        inquiry = Inquiry(witness.held, seconds=0.01)
        assert [await inquiry.answer() for _ in range(20)] == [None] * 20
        assert len(witness.asked_by) == 1


async def test_once_it_answers_again_it_is_heard_again() -> None:
    with hanging() as witness:
        inquiry = Inquiry(witness.held, seconds=0.01)
        assert await inquiry.answer() is None
        witness.answers.set()
        await asyncio.to_thread(until_it_has_answered)
        assert [await inquiry.answer() for _ in range(20)] == [HELD] * 20


async def test_a_witness_that_fails_can_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    witness = SlowWitness()

    def fails() -> None:
        raise OSError("too many open files")

    monkeypatch.setattr(witness, "held", fails)
    assert await Inquiry(witness.held, seconds=10).answer() is None


def test_an_answer_that_comes_after_the_loop_has_closed_disturbs_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    witness, died = SlowWitness(), list[object]()
    monkeypatch.setattr(threading, "excepthook", died.append)
    assert asyncio.run(Inquiry(witness.held, seconds=0.01).answer()) is None
    witness.answers.set()
    until_it_has_answered()
    assert died == []
