"""Chance from a seed."""

from collections import Counter
from random import Random
from uuid import UUID

import pytest

from vmuster.sim.engine import chance as chance_module
from vmuster.sim.engine.chance import Chance


def test_a_seed_gives_the_same_on_every_machine_and_in_every_process() -> None:
    links = Chance(7).stream("links")
    assert [links.whole(1, 100) for _ in range(5)] == [11, 23, 68, 41, 82]
    assert Chance(1).uuid() == UUID("a8d12b18-576a-461f-82d4-1d778ae70658")


def test_nothing_is_drawn_but_by_what_python_promises_to_keep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class OnlyRandom:
        """What of `Random` is the same in every version of Python."""

        def __init__(self, seed: str) -> None:
            self.random = Random(seed).random

    monkeypatch.setattr(chance_module, "Random", OnlyRandom)
    chance = Chance(2)
    assert len(set(chance.some_of("abcdef", 3))) == 3
    assert chance.weighted("ab", [0, 1]) == "b"
    assert (len(chance.bytes(5)), chance.uuid().version) == (5, 4)


def test_streams_of_other_purposes_and_seeds_are_others_and_disturb_nobody() -> None:
    chance = Chance(7)
    assert len({chance.stream(p).bytes(8) for p in "abc"} | {Chance(8).stream("a").bytes(8)}) == 4
    alone = Chance(7).stream("a").bytes(8)
    chance = Chance(7)
    chance.share()
    assert chance.stream("a").bytes(8) == alone


def test_what_it_gives_is_in_range() -> None:
    chance = Chance(3)
    assert {chance.whole(1, 3) for _ in range(100)} == {1, 2, 3}
    assert all(2.0 <= chance.between(2.0, 3.0) < 3.0 for _ in range(100))
    assert {chance.one_of("xyz") for _ in range(100)} == set("xyz")
    assert sorted(chance.some_of("xyz", 5)) == ["x", "y", "z"]
    assert Counter(chance.happens(0.25) for _ in range(4000))[True] in range(900, 1100)
    assert Counter(chance.weighted("ab", [9, 1]) for _ in range(1000))["a"] > 800


def test_delays_have_a_heavy_tail() -> None:
    chance = Chance(5)
    delays = sorted(chance.delay(1.0) for _ in range(10_000))
    assert delays[0] >= 0.5
    assert delays[5_000] < 1.1
    assert delays[-20] > 10.0
