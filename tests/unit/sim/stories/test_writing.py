"""A story is written as text, and what happened below it."""

import pytest

from vmuster.sim.stories.reading import read
from vmuster.sim.stories.story import Story
from vmuster.sim.stories.writing import rewritten, written
from vmuster.sim.verbs.verb import Step

HOST = Step(verb="host {host}", words=("alpha",))
STORY = Story(title="a host is there", steps=(HOST, Step(verb="end", at=60.0)))


@pytest.mark.parametrize("at", [None, 0.0, 60.0, 1234.5, 0.1 + 0.2, 1e-7, 123456.789012345])
def test_what_is_written_is_read_back_equal(at: float | None) -> None:
    story = Story(
        title="a host is there",
        about=("F13", "L4"),
        seed=4711,
        steps=(HOST, Step(verb="{vm} runs on {host}", words=("web", "alpha"), at=at)),
        happened=("     0  alpha: web runs",),
    )
    assert read(written(story)) == story


def test_what_need_not_be_said_is_not_written() -> None:
    assert written(STORY) == "# a host is there\n\n     host alpha\n60s  end\n"


def test_what_people_wrote_stays_as_it_is() -> None:
    people = "# a host is there\n\n#  say  no more\n host  alpha\n\n"
    once = rewritten(people, ["one", "two"])
    assert once == people.rstrip() + "\n---\none\ntwo\n"
    assert rewritten(once, ["three"]) == people.rstrip() + "\n---\nthree\n"
