"""A story as text is read, or refused with its line and with what it may have meant."""

from pathlib import Path

import pytest

from vmuster.model.errors import NotFound
from vmuster.sim.stories.reading import CHARACTERS_MAX, Unreadable, read, read_text
from vmuster.sim.stories.story import SEED
from vmuster.sim.verbs.verb import Step

TEXT = """\
# F47, complaint 1: a VM runs
# and nobody harms it
seed 7

       host alpha
       web runs on alpha
  # it is seen at last
 2.5s  expect web truly runs on alpha
  60s  expect web on alpha is shown running within 5s
  60s  end
---
     0  alpha: web runs
"""


def test_a_story_is_its_title_its_seed_its_steps_and_what_happened() -> None:
    story = read(TEXT)
    assert (story.title, story.about, story.seed) == ("a VM runs", ("F47", "complaint 1"), 7)
    assert story.steps == (
        Step(verb="host {host}", words=("alpha",)),
        Step(verb="{vm} runs on {host}", words=("web", "alpha")),
        Step(verb="expect {vm} truly runs on {host}", words=("web", "alpha"), at=2.5),
        Step(
            verb="expect {what} within {seconds}s",
            words=("web on alpha is shown running", "5"),
            at=60.0,
        ),
        Step(verb="end", at=60.0),
    )
    assert story.happened == ("     0  alpha: web runs",)


def test_a_story_that_nobody_played_has_no_happenings() -> None:
    story = read(TEXT.partition("---")[0].replace("seed 7", ""))
    assert (story.seed, story.happened) == (SEED, None)


def test_below_the_ruler_everything_is_what_happened() -> None:
    assert read(TEXT + "---\n").happened == ("     0  alpha: web runs", "---")


def test_a_line_that_cannot_be_read_is_named_with_what_it_may_have_meant() -> None:
    with pytest.raises(Unreadable) as refused:
        _ = read(TEXT.replace("web runs on alpha\n", "web run on alpha\n", 1), "f47.txt")
    said = str(refused.value)
    assert said.startswith("f47.txt:6: nothing reads: web run on alpha")
    assert "perhaps: {vm} runs on {host}" in said


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ("is shown running within", "is shown like this within", "story:9: nothing reads"),
        ("  60s  end", "  59s  end", "story:10: 59s is before 60s"),
        ("# F47", "F47", "story:1: nothing reads"),
        (
            "web runs on alpha\n",
            "web\x1b[31m runs on alpha alpha\n",
            "story:6: nothing reads: web\\x1b",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(good: str, bad: str, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        _ = read(TEXT.replace(good, bad, 1))
    assert str(refused.value).startswith(words)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("host alpha\n", "begins with its title"),
        ("# a story\n", "nothing happens"),
        ("", "begins with its title"),
    ],
)
def test_what_is_no_story_is_refused(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        _ = read(text)


def test_a_file_is_read(tmp_path: Path) -> None:
    _ = (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    assert read_text(tmp_path / "a.txt") == TEXT


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"a\.txt"):
        _ = read_text(tmp_path / "a.txt")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * (CHARACTERS_MAX + 1)])
def test_a_file_that_is_no_text_or_a_giant_is_refused(tmp_path: Path, content: bytes) -> None:
    _ = (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(Unreadable, match=r"a\.txt"):
        _ = read_text(tmp_path / "a.txt")
