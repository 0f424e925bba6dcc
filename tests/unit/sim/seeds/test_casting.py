"""Events of chance: their words fit, and what breaks is mended later."""

import pytest

from vmuster.sim.engine.chance import Chance
from vmuster.sim.seeds.casting import Cast, Chancy, happening, step
from vmuster.sim.seeds.people import HANDS, REQUESTS
from vmuster.sim.seeds.troubles import TROUBLES
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Kind, Step

_CAST = Cast(hosts=("alpha", "beta"), far=frozenset({"beta"}), vms={"web": "alpha", "db": "beta"})
_ROWS = (*REQUESTS, *HANDS, *TROUBLES)


def _drawn(row: Chancy, seed: int = 1, cast: Cast = _CAST) -> list[Step]:
    return list(happening(row, cast, Chance(seed), 100.0))


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: f"{row.form} ... {row.heal}")
def test_every_row_makes_sentences_that_read_back_as_they_are(row: Chancy) -> None:
    for seed in range(5):
        drawn = _drawn(row, seed)
        assert len(drawn) == (2 if row.heal else 1)
        for each in drawn:
            assert GRAMMAR.step(GRAMMAR.sentence(each), each.at) == each


def test_each_table_holds_what_its_name_says() -> None:
    kinds = {Kind.REQUEST: REQUESTS, Kind.HAND: HANDS, Kind.FAULT: TROUBLES}
    for kind, rows in kinds.items():
        assert {GRAMMAR.verbs[row.form].kind for row in rows} == {kind}


def test_every_fault_that_chance_can_heal_by_itself_is_in_the_table_or_comes_by_a_plan() -> None:
    faults = {form for form, verb in GRAMMAR.verbs.items() if verb.kind is Kind.FAULT}
    planned = {
        "every host is cut off",
        "the server is killed {number} times every {seconds}s",
        "a second server is started",
        "the database is backed up as {copy}",
        "the database is restored from {copy}",
        "the database is restored from {copy} with a note",
    }
    by_heal = {"an older journal of {host} is back"}
    assert faults - {row.form for row in TROUBLES} == planned | by_heal


def test_what_breaks_is_mended_within_its_time_and_about_the_same_host() -> None:
    row = Chancy(form="{host} is cut off", heal="{host} is reached again", least=5.0, most=9.0)
    for seed in range(20):
        broken, mended = _drawn(row, seed)
        assert broken.at == 100.0
        assert mended.at is not None
        assert 105.0 <= mended.at <= 109.0
        assert broken.words == mended.words


def test_only_a_host_with_an_agent_is_drawn_where_one_is_needed() -> None:
    row = Chancy(form="the agent of {host} is killed", far=True)
    assert {_drawn(row, seed)[0].words for seed in range(20)} == {("beta",)}
    alone = Cast(hosts=("alpha",), far=frozenset(), vms={"web": "alpha"})
    assert _drawn(row, cast=alone) == []


def test_what_was_done_elsewhere_is_mended_there() -> None:
    row = Chancy(
        form="somebody copies {vm} from {host} to {other}",
        heal="somebody deletes {vm} on {host}",
        elsewhere=True,
    )
    copied, deleted = _drawn(row)
    assert deleted.words == (copied.words[0], copied.words[2])


def test_a_vm_is_mostly_sought_where_it_began() -> None:
    row = Chancy(form="{vm} crashes on {host}")
    drawn = [_drawn(row, seed)[0].words for seed in range(200)]
    at_home = sum(words in (("web", "alpha"), ("db", "beta")) for words in drawn)
    assert 150 < at_home < 200


def test_the_words_of_a_step_stand_in_their_places() -> None:
    words = {"copy": "c", "vm": "web", "host": "alpha"}
    made = step("somebody clones {vm} on {host} as {copy}", 1.23456, words)
    assert GRAMMAR.sentence(made) == "somebody clones web on alpha as c"
    assert made.at == 1.235
