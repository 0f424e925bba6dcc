"""People see every row, and which goal was missed."""

import io

from rich.console import Console

from bench.measuring import machine
from bench.printing import show
from bench.rows import Result, known, times_more


def test_every_row_is_shown_and_only_goals_are_judged() -> None:
    out = io.StringIO()
    rows = (
        times_more("the first", 9.0, 2.0, "us", at_most=4),
        times_more("the second", 12_345.0, 12_345.0, "us", at_most=4),
        known("the third", 5.0, "B"),
    )
    show(Result(bench="one", machine=machine(), rows=rows), Console(file=out, width=120))
    first, second, third = (
        next(line for line in out.getvalue().splitlines() if name in line)
        for name in ("first", "second", "third")
    )
    assert "missed" in first
    assert "at most 4" in first
    assert "4.5" in first
    assert "ok" in second
    assert "12,340" in second or "12,350" in second
    assert "5 B" in third
    assert "at least" not in third
