"""Troubles with a plan: each can be read, and does what its name says."""

import pytest

from vmuster.sim.engine.chance import Chance
from vmuster.sim.seeds.casting import Cast
from vmuster.sim.seeds.nemeses import NEMESES, Nemesis
from vmuster.sim.verbs.grammar import GRAMMAR

_CAST = Cast(
    hosts=("alpha", "beta", "gamma"),
    far=frozenset({"beta"}),
    vms={"web": "alpha", "db": "beta"},
)
_AT = 400.0


def _sentences(nemesis: Nemesis, seed: int) -> list[str]:
    return [GRAMMAR.sentence(each) for each in nemesis(_CAST, Chance(seed), _AT)]


@pytest.mark.parametrize("nemesis", NEMESES, ids=lambda nemesis: nemesis.__name__)
def test_every_plan_makes_sentences_that_read_back_as_they_are(nemesis: Nemesis) -> None:
    for seed in range(20):
        for each in nemesis(_CAST, Chance(seed), _AT):
            assert each.at is not None
            assert GRAMMAR.step(GRAMMAR.sentence(each), each.at) == each


_SENTENCES = {
    nemesis.__name__: [_sentences(nemesis, seed) for seed in range(30)] for nemesis in NEMESES
}


def test_swizzling_cuts_hosts_one_by_one_and_heals_all_of_them() -> None:
    for sentences in _SENTENCES["_swizzle"]:
        cut = [each.split()[0] for each in sentences if each.endswith("is cut off")]
        reached = [each.split()[0] for each in sentences if each.endswith("is reached again")]
        assert len(cut) >= 2
        assert sorted(cut) == sorted(reached)
    orders = [[each.split()[0] for each in sentences] for sentences in _SENTENCES["_swizzle"]]
    assert any(order[: len(order) // 2] != order[len(order) // 2 :] for order in orders)


def test_a_copy_that_is_restored_was_made_before() -> None:
    for seed in range(30):
        (nemesis,) = (each for each in NEMESES if each.__name__ == "_old_database")
        made, restored = nemesis(_CAST, Chance(seed), _AT)
        assert made.words == restored.words
        assert made.at is not None
        assert restored.at is not None
        assert made.at < restored.at
    notes = {"with a note" in each[-1] for each in _SENTENCES["_old_database"]}
    assert notes == {True, False}


def test_two_servers_are_one_in_the_end() -> None:
    for sentences in _SENTENCES["_two_servers"]:
        assert "a second server is started" in sentences
        assert sentences[-1] == "the older server is killed"


def test_calm_is_calm_and_nothing_else_is() -> None:
    assert not any(_SENTENCES["_calm"])
    assert all(all(each) for name, each in _SENTENCES.items() if name != "_calm")
