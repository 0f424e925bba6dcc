"""A story file is played and held against what is written."""

from pathlib import Path

import pytest

from vmuster.sim.laws.law import Law
from vmuster.sim.stories import telling
from vmuster.sim.stories.telling import Told, told
from vmuster.sim.world.truth import Run

GOOD = """\
# F43: an alien VM is left alone

      host alpha
 10s  web runs on alpha
 60s  expect web on alpha stands as alien
 60s  expect nothing was done to web
 90s  end
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alien.txt"


def tell(path: Path, text: str, *, update: bool = False) -> Told:
    _ = path.write_text(text, encoding="utf-8")
    return told(path, update=update)


def test_what_happened_is_written_once_and_compared_from_then_on(path: Path) -> None:
    assert tell(path, GOOD, update=True).exit_code == 0
    text = path.read_text(encoding="utf-8")
    assert text.startswith(GOOD + "---\n")
    assert "alpha: web runs\n" in text
    again = told(path, update=False)
    assert (again.exit_code, again.lines) == (
        0,
        ("alien.txt: an alien VM is left alone: so it is",),
    )


def test_nothing_that_was_done_to_judge_it_is_written(path: Path) -> None:
    _ = tell(path, GOOD, update=True)
    lines = path.read_text(encoding="utf-8").partition("---\n")[2].splitlines()
    assert all(float(line.split()[0]) <= 91 for line in lines)


def test_a_story_that_was_never_played_says_so(path: Path) -> None:
    outcome = tell(path, GOOD)
    assert outcome.exit_code == 1
    assert "--update" in outcome.lines[1]


def test_another_way_is_shown_line_by_line(path: Path) -> None:
    _ = tell(path, GOOD, update=True)
    text = path.read_text(encoding="utf-8")
    outcome = tell(path, text.replace("alpha: web runs", "alpha: mail runs"))
    assert outcome.exit_code == 1
    assert any(line.strip().startswith("-") and "mail runs" in line for line in outcome.lines)
    assert any(line.strip().startswith("+") and "web runs" in line for line in outcome.lines)


def test_very_many_differences_are_not_all_shown(path: Path) -> None:
    outcome = tell(path, GOOD + "---\n" + "and more\n" * 1_000)
    assert outcome.exit_code == 1
    assert "lines more" in outcome.lines[-1]
    assert len(outcome.lines) < 100


@pytest.mark.parametrize("update", [False, True])
def test_an_expectation_that_is_not_met_is_told_and_nothing_is_written(
    path: Path, *, update: bool
) -> None:
    text = GOOD.replace("as alien", "as owned")
    outcome = tell(path, text, update=update)
    assert outcome.exit_code == 1
    assert outcome.lines[1] == (
        "not so: 60s  expect web on alpha stands as owned: its standing is alien"
    )
    assert path.read_text(encoding="utf-8") == text


def test_a_step_that_could_not_be_done_is_told(path: Path) -> None:
    outcome = tell(path, GOOD.replace(" 90s", " 60s  somebody stops mail on alpha\n 90s"))
    assert outcome.exit_code == 1
    assert outcome.lines[1].startswith("this could not be done: somebody stops mail on alpha: ")


def test_a_law_that_is_broken_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Never(Law):
        name = "never"

        def ran(self, run: Run) -> None:
            self.violate(f"it runs on {run.host}")

    monkeypatch.setattr(telling, "LAWS", (Never,))
    outcome = tell(path, GOOD, update=True)
    assert outcome.exit_code == 1
    assert outcome.lines[1] == "law never was broken at 10.1: it runs on alpha"


def test_whatever_a_file_holds_is_shown_in_a_visible_form(path: Path) -> None:
    outcome = tell(path, GOOD.replace("alone", "al\x1bone") + "---\nal\x1bone\n")
    assert not any("\x1b" in line for line in outcome.lines)
    assert outcome.lines[0] == "alien.txt: an alien VM is left al\\x1bone: NOT SO"


def test_under_another_seed_what_is_expected_must_be_so_and_nothing_is_compared(
    path: Path,
) -> None:
    assert tell(path, GOOD).exit_code == 1
    assert told(path, update=True, seed=7).exit_code == 0
    assert path.read_text(encoding="utf-8") == GOOD
    _ = path.write_text(GOOD.replace("as alien", "as owned"), encoding="utf-8")
    assert told(path, update=False, seed=7).exit_code == 1


def test_what_cannot_be_read_is_told(path: Path) -> None:
    outcome = tell(path, GOOD.replace("stands as", "stand as"))
    assert outcome.exit_code == 1
    assert outcome.lines[0].startswith("alien.txt:5: nothing reads")
    assert outcome.lines[1] == "    perhaps: expect {vm} on {host} stands as {standing}"
    assert told(path.with_name("no.txt"), update=False).exit_code == 1
