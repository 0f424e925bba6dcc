"""Races: every sentence can be read; each is about one VM of ours, and one person."""

import pytest

from vmuster.sim.engine.chance import Chance
from vmuster.sim.seeds.casting import Cast
from vmuster.sim.seeds.races import RACES, race
from vmuster.sim.verbs.grammar import GRAMMAR

_CAST = Cast(
    hosts=("alpha", "beta"),
    far=frozenset({"beta"}),
    vms={"web": "alpha", "db": "beta"},
    ours=("db",),
)


@pytest.mark.parametrize("lines", RACES)
def test_every_sentence_can_be_read(lines: str) -> None:
    words = {"vm": "web", "host": "alpha", "other": "beta", "actor": "anna"}
    for line in lines.strip().splitlines():
        seconds, sentence = line.split(maxsplit=1)
        assert float(seconds) >= 0.0
        assert GRAMMAR.step(sentence.format(**words), None)


def test_a_race_is_about_one_vm_of_ours_where_it_began() -> None:
    for seed in range(100):
        steps = list(race(_CAST, Chance(seed), 50.0))
        words = {word for each in steps for word in each.words}
        assert "web" not in words
        assert not {"anna", "bert"} <= words
        times = [each.at for each in steps if each.at is not None]
        assert times == sorted(times)
        assert times[0] == 50.0


def test_every_race_comes_about() -> None:
    first = {next(race(_CAST, Chance(seed), 50.0)).verb for seed in range(300)}
    firsts = {
        GRAMMAR.step(
            lines.split(maxsplit=1)[1]
            .splitlines()[0]
            .format(vm="db", host="beta", other="alpha", actor="anna"),
            None,
        ).verb
        for lines in RACES
    }
    assert first == firsts
