"""Each fault of the catalogue and each complaint has a story, or a reason why it can't be told."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.tidy.tree import TESTS
from vmuster.sim.stories.reading import read
from vmuster.sim.stories.story import Story
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Kind

FOLDER = TESTS / "scenarios"
ROW = re.compile(r"\| ((?:F\d\d|complaint \d+)(?:, (?:F\d\d|complaint \d+))*) \| \S.* \|")
FAULTS = {f"F{number:02}" for number in range(1, 97)}
COMPLAINTS = {f"complaint {number}" for number in range(1, 56)}


def stories() -> dict[Path, Story]:
    paths = sorted(FOLDER.glob("*.txt"))
    return {path: read(path.read_text(encoding="utf-8"), path.name) for path in paths}


def untold(page: str) -> Counter[str]:
    """The rows of the table of what can't be told."""
    rows = [match[1] for line in page.splitlines() if (match := ROW.fullmatch(line))]
    return Counter(each for row in rows for each in row.split(", "))


STORIES = stories()
TOLD = {row for story in STORIES.values() for row in story.about}
UNTOLD = untold((FOLDER / "README.md").read_text(encoding="utf-8"))
each_story = pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)


def test_every_fault_has_a_story_or_a_reason() -> None:
    assert sorted(FAULTS - TOLD - set(UNTOLD)) == []


def test_every_complaint_has_a_story_or_a_reason() -> None:
    assert sorted(COMPLAINTS - TOLD - set(UNTOLD)) == []


def test_no_reason_is_stale_doubled_or_of_nothing() -> None:
    assert sorted(set(UNTOLD) & TOLD) == []
    assert sorted(set(UNTOLD) - FAULTS - COMPLAINTS) == []
    assert [row for row, count in UNTOLD.items() if count > 1] == []


@each_story
def test_a_story_says_what_it_is_about(path: Path) -> None:
    about = STORIES[path].about
    assert path.stem.startswith(tuple(f"{row.replace(' ', '-').lower()}-" for row in about))
    assert {row for row in about if row[0] in "Fc"} <= FAULTS | COMPLAINTS


@each_story
def test_a_story_expects_something_and_was_played(path: Path) -> None:
    story = STORIES[path]
    verbs = [step.verb for step in story.steps if step.verb != "end"]
    assert any(GRAMMAR.verbs[verb].kind is Kind.EXPECT for verb in verbs)
    assert story.happened is not None


def test_rows_of_the_table_are_read() -> None:
    good = "| F21, complaint 3 | Bytes |\n| F21 | x |\n"
    page = f"{good}| row | why |\n|---|---|\n| F22 |  |\n| F2 | x |\n"
    assert untold(page) == {"F21": 2, "complaint 3": 1}
