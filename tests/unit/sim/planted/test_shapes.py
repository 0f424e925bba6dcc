"""Shapes: the schedule of a seed, and what is otherwise in it."""

import pytest

from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.shapes import SHAPES
from vmuster.sim.seeds.schedule import story_of
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Kind, Step

SEED = 3


def policies(story: tuple[Step, ...]) -> dict[str, str]:
    steps = (step for step in story if step.verb == "policy {setting} is {value}")
    return {step.words[0]: step.words[1] for step in steps}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_a_story_settings_first_and_the_rest_in_its_order(name: str) -> None:
    story = SHAPES[name](SEED)
    moments = [step.at for step in story if step.at is not None]
    settings = [GRAMMAR.verbs[step.verb].kind for step in story if step.at is None]
    assert moments == sorted(moments)
    assert all(step.at is None for step in story[: len(settings)])
    assert Kind.SETTING in settings
    assert story[-1].verb == "end"
    assert SHAPES[name](SEED) == story


@pytest.mark.parametrize("name", [name for name in SHAPES if name])
def test_a_shape_is_not_the_schedule_itself(name: str) -> None:
    assert SHAPES[name](SEED) != story_of(SEED)
    assert SHAPES[""](SEED) == story_of(SEED)


def test_a_policy_of_a_shape_stands_in_place_of_the_one_of_the_schedule() -> None:
    story = SHAPES["tight budgets"](SEED)
    settings = [s.words[0] for s in story if s.verb == "policy {setting} is {value}"]
    assert len(settings) == len(set(settings))
    assert policies(story)["drift"] == "enforce"
    assert policies(story)["starts_per_window_max"] == "2"
    assert policies(story)["report_seconds"] == policies(story_of(SEED))["report_seconds"]


def test_policies_come_after_the_hosts_and_before_their_modes() -> None:
    verbs = [step.verb for step in SHAPES["automation"](SEED)]
    first = verbs.index("policy {setting} is {value}")
    assert any(verb.startswith("host {host}") for verb in verbs[:first])
    assert first < verbs.index("{host} is in {mode}")


def test_every_host_of_a_managed_shape_begins_in_manage() -> None:
    modes = {s.words[1] for s in SHAPES["automation"](SEED) if s.verb == "{host} is in {mode}"}
    assert modes == {"manage"}


def test_guests_that_do_not_obey_are_deaf() -> None:
    verbs = {step.verb for step in SHAPES["agents that die"](SEED)}
    assert "{vm} runs deaf on {host}" in verbs
    assert "{vm} runs on {host}" not in verbs


def test_in_a_calm_fleet_nothing_happens_but_the_plan() -> None:
    steps = [step for step in SHAPES["crashes in a calm fleet"](SEED) if (step.at or 0.0) >= 40.0]
    kinds = {GRAMMAR.verbs[step.verb].kind for step in steps} - {Kind.HEAL, Kind.EXPECT}
    assert kinds == {Kind.HAND}
    assert {s.verb for s in steps if GRAMMAR.verbs[s.verb].kind is Kind.HAND} == {
        "{vm} crashes on {host}"
    }


def test_every_bug_has_a_shape_and_every_shape_a_bug() -> None:
    assert {bug.shape for bug in CATALOGUE.values()} == set(SHAPES)
