"""Every story of this folder goes as it is written, under all laws."""

from pathlib import Path

import pytest

from vmuster.sim.stories.telling import told

OTHER_SEED = 2
STORIES = sorted(Path(__file__).parent.glob("*.txt"))
each_story = pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)


def test_there_are_stories() -> None:
    assert STORIES


@each_story
def test_a_story_goes_as_it_is_written(path: Path) -> None:
    outcome = told(path, update=False)
    assert outcome.exit_code == 0, "\n".join(outcome.lines)


@each_story
def test_what_a_story_expects_does_not_hang_on_its_seed(path: Path) -> None:
    outcome = told(path, update=False, seed=OTHER_SEED)
    assert outcome.exit_code == 0, "\n".join(outcome.lines)
