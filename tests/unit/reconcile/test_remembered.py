"""What an agent remembers: only what is more than we know is evidence."""

import msgspec
import pytest

from tests.agents import FACTS
from tests.parts import FLEET, HOST, KEY, host
from vmuster.model.host import Fleet
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
    said = newer_than_ours(host(), OURS, hello)
    assert len(said) == count
    assert all(f"host {host().name}" in words for words in said)


@pytest.mark.parametrize(("epoch", "intake"), [(-1, 0), (0, -1), (2**53 + 1, 0), (0, 2**60)])
def test_numbers_that_nobody_gave_are_impossible(epoch: int, intake: int) -> None:
    said = impossible(msgspec.structs.replace(HELLO, epoch=epoch, intake=intake))
    assert said == "its agent speaks of numbers that no server of ours can have given"


@pytest.mark.parametrize(("epoch", "intake"), [(1, 10_000), (0, 0), (2**53, 2**53)])
def test_ours_are_possible(epoch: int, intake: int) -> None:
    assert impossible(msgspec.structs.replace(HELLO, epoch=epoch, intake=intake)) == ""
