"""Each bug of the agent's hands: with it, something is permitted, or done again, wrongly."""

import msgspec
import pytest

from tests import moments
from tests.parts import HOST
from tests.probes import Probes, told_apart
from vmuster.agent import executor, guard
from vmuster.agent.journal import Journal
from vmuster.model.commands import GUEST_WAS_ASKED
from vmuster.model.permits import Refusal
from vmuster.model.states import ProofKind
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.obeying import OBEYING
from vmuster.sim.world.pages import MemoryPages

RECORD = moments.STOPS[ProofKind.RECORD]


def refused(permit: object) -> bool:
    return isinstance(permit, Refusal)


def begun(pages: MemoryPages) -> Journal:
    journal = Journal(pages, HOST)
    journal.begin(RECORD.command.id)
    return journal


def answered_twice() -> object:
    return begun(MemoryPages()).answer(RECORD.command.id) is None


def remembered() -> object:
    pages = MemoryPages()
    _ = begun(pages)
    return Journal(pages, HOST).answer(RECORD.command.id) is None


def asked_and_remembered() -> object:
    pages = MemoryPages()
    begun(pages).ask(moments.stop())
    answer = Journal(pages, HOST).answer(RECORD.command.id)
    return answer is not None and answer.message.startswith(GUEST_WAS_ASKED)


def of_another_connection() -> object:
    old = msgspec.structs.replace(RECORD, epoch=moments.EPOCH + 1)
    return refused(guard.permit_stop(old, moments.stop()))


def too_old() -> object:
    old = msgspec.structs.replace(RECORD, age_seconds=1e6)
    return refused(guard.permit_stop(old, moments.stop()))


def after_the_grace() -> object:
    """A VM that has lost its mark since it was asked to shut down."""
    first = executor.permit_stop(RECORD, moments.stop())
    assert not refused(first)
    bare = msgspec.structs.replace(RECORD, live=moments.live(mark=None), asked=moments.RUN)
    return refused(executor.permit_stop(bare, moments.stop()))


def with_a_process() -> object:
    held = msgspec.structs.replace(moments.START, process=True)
    return refused(guard.permit_start(held))


PROBES: Probes = {
    "the-journal-is-not-read": answered_twice,
    "the-journal-is-written-after-the-deed": remembered,
    "a-guest-is-asked-and-nobody-remembers": asked_and_remembered,
    "an-order-of-another-connection-is-obeyed": of_another_connection,
    "an-order-is-obeyed-for-ever": too_old,
    "the-guard-is-not-asked-after-the-grace": after_the_grace,
    "no-process-is-looked-for-before-a-start": with_a_process,
}


@pytest.mark.parametrize("bug", OBEYING, ids=lambda bug: bug.name)
def test_it_makes_a_difference(bug: Planted) -> None:
    assert told_apart(bug, PROBES[bug.name])
