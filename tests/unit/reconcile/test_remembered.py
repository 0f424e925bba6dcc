"""What an agent remembers: only what is more than we know is evidence."""

from uuid import UUID

import msgspec
import pytest

from tests.agents import FACTS
from tests.parts import FLEET, HOST, KEY, host
from vmuster.model.host import Fleet
from vmuster.model.ids import CommandId
from vmuster.model.messages import Hello
from vmuster.reconcile.remembered import impossible, newer_than_ours

OURS = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={}, intake=10_000)
HELLO = Hello(host=HOST, facts=FACTS, epoch=1, intake=10_000)


@pytest.mark.parametrize(
    ("epoch", "intake", "count"),
    [(1, 10_000, 0), (0, 0, 0), (0, 10_000, 0), (2, 10_000, 1), (1, 10_001, 1), (2, 10_001, 2)],
)
def test_what_is_more_than_we_know_is_told(epoch: int, intake: int, count: int) -> None:
    hello = msgspec.structs.replace(HELLO, epoch=epoch, intake=intake)
    said = newer_than_ours(host(), OURS.intake, (), hello)
    assert len(said) == count
    assert all(f"host {host().name}" in words for words in said)


@pytest.mark.parametrize(
    ("epoch", "intake"), [(-1, 0), (0, -1), (2**40 + 2, 0), (0, 2**40 + 10_001), (0, 2**53)]
)
def test_numbers_that_nobody_gave_are_impossible(epoch: int, intake: int) -> None:
    said = impossible(host(), OURS, msgspec.structs.replace(HELLO, epoch=epoch, intake=intake))
    assert "numbers that no server of ours can have given" in said


@pytest.mark.parametrize(
    ("epoch", "intake"), [(1, 10_000), (0, 0), (2**40 + 1, 0), (0, 2**40 + 10_000)]
)
def test_ours_are_possible(epoch: int, intake: int) -> None:
    hello = msgspec.structs.replace(HELLO, epoch=epoch, intake=intake)
    assert impossible(host(), OURS, hello) == ""


def test_what_was_possible_once_leaves_the_next_number_possible() -> None:
    high = 2**40 + 10_000
    went_on = msgspec.structs.replace(OURS, intake=high + 1)
    told = msgspec.structs.replace(HELLO, epoch=high + 1, intake=high + 2)
    assert impossible(msgspec.structs.replace(host(), epoch=high), went_on, told) == ""


def test_a_journal_with_impossible_numbers_is_named() -> None:
    said = impossible(host(), OURS, msgspec.structs.replace(HELLO, epoch=2**60))
    assert f"move {host().id}.journal away" in said


def test_commands_that_we_know_nothing_of_are_told_by_their_number() -> None:
    unknown = [CommandId(UUID(int=number)) for number in (1, 2)]
    (words,) = newer_than_ours(host(), OURS.intake, unknown, HELLO)
    assert "2 commands" in words
