"""Stories of seeds: the same for the same seed, busy, in order, and healed in the end."""

import subprocess
import sys

from vmuster.sim.play import play
from vmuster.sim.seeds.schedule import story_of
from vmuster.sim.verbs.faults.mending import HEALED
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Kind

_STORIES = {seed: story_of(seed) for seed in range(30)}


def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    assert story_of(7) == _STORIES[7]
    assert len(set(_STORIES.values())) == len(_STORIES)


def test_everything_is_healed_in_the_end_and_then_nothing_breaks() -> None:
    for story in _STORIES.values():
        healed, end = story[-2:]
        assert healed.verb == HEALED
        assert end.verb == "end"
        assert healed.at is not None
        assert end.at is not None
        assert end.at > healed.at
        assert all(each.at is None or each.at < healed.at for each in story[:-2])


def test_what_has_its_time_comes_in_order_after_all_that_has_none() -> None:
    for story in _STORIES.values():
        times = [each.at for each in story]
        settings = times.count(None)
        assert times[:settings] == [None] * settings
        rest = [at for at in times if at is not None]
        assert rest == sorted(rest)


def test_much_goes_wrong_in_much_time() -> None:
    kinds = [GRAMMAR.verbs[each.verb].kind for story in _STORIES.values() for each in story]
    wrong = sum(kind in (Kind.FAULT, Kind.HAND) for kind in kinds)
    assert wrong / len(_STORIES) > 120
    seconds = sum(story[-1].at or 0.0 for story in _STORIES.values())
    assert seconds / len(_STORIES) > 18 * 60


def test_a_seed_is_the_same_run_in_another_process_with_other_hashes() -> None:
    script = (
        "from vmuster.sim.play import play\n"
        "from vmuster.sim.seeds.schedule import story_of\n"
        "print(play(story_of(5), 5, ()).digest)\n"
    )
    other = subprocess.run(  # this interpreter, a script of our own
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert play(_STORIES[5], 5, ()).digest == other.stdout.strip()
