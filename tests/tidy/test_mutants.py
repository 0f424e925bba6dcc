"""Mutation testing counts what it ought to count, and runs what it says it runs."""

import re
import tomllib

import pytest

from tests.tidy.tree import ROOT
from tools.mutants import PERCENT_MIN, Score, render, score, total

CONFIGURED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("exit_code", "tried", "alive"),
    [
        (0, 1, True),
        (5, 1, True),
        (33, 1, True),
        (35, 1, True),
        (-9, 1, True),
        (1, 1, False),
        (3, 1, False),
        (36, 1, False),
        (-24, 1, False),
        (None, 0, False),
    ],
)
def test_only_what_a_test_noticed_is_killed(exit_code: int | None, tried: int, alive: bool) -> None:
    assert score("a.py", {"m": exit_code}) == Score("a.py", tried, ("m",) if alive else ())


def test_the_worst_file_comes_first_and_the_sum_last() -> None:
    good, bad = Score("good.py", 10, ()), Score("bad.py", 4, ("m1",))
    assert render([good, bad]).splitlines() == [
        " 75.0 %  bad.py: 3 of 4",
        "        m1",
        "100.0 %  good.py: 10 of 10",
        " 92.9 %  all: 13 of 14",
    ]
    assert total([good, bad]).percent > PERCENT_MIN > bad.percent


def test_what_hunts_is_there() -> None:
    for place in CONFIGURED["pytest_add_cli_args_test_selection"]:
        assert (ROOT / place).exists()
    for place in CONFIGURED["only_mutate"]:
        assert list(ROOT.glob(place))
    arguments = CONFIGURED["pytest_add_cli_args"]
    left_out = arguments[arguments.index("-k") + 1].removeprefix("not ")
    hunting = (ROOT / "tests" / "laws" / "test_second_opinion.py").read_text(encoding="utf-8")
    assert f"{left_out}_by_something(" in hunting


def test_the_tool_moves_no_version_of_what_it_measures() -> None:
    theirs, ours = pins("requirements-mutation.lock"), pins("requirements-dev.lock")
    assert "mutmut" in theirs
    assert {name: theirs[name] for name in theirs.keys() & ours.keys()} == {
        name: ours[name] for name in theirs.keys() & ours.keys()
    }
