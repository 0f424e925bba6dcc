"""A row is judged by its ratio, else by its value; machines get the fields that are promised."""

import msgspec
import pytest

from bench.measuring import machine
from bench.rows import (
    Result,
    Row,
    as_json,
    at_least,
    at_most,
    known,
    rounded,
    times_less,
    times_more,
)

FIELDS = {"what", "value", "unit", "against", "ratio", "direction", "goal", "ok"}


def result(*rows: Row) -> Result:
    return Result(bench="one", machine=machine(), rows=rows)


@pytest.mark.parametrize(
    ("row", "ratio", "ok"),
    [
        (times_more("a cost", 8.0, 2.0, "us", at_most=4), 4.0, True),
        (times_more("a cost", 8.1, 2.0, "us", at_most=4), 4.05, False),
        (times_less("a cost", 2.0, 600.0, "us", at_least=300), 300.0, True),
        (times_less("a cost", 2.0, 599.0, "us", at_least=300), 299.5, False),
        (at_most("commits", 1, "commits", 1), None, True),
        (at_most("commits", 2, "commits", 1), None, False),
        (at_least("events", 8_000, "/s", 8_000), None, True),
        (at_least("events", 7_999, "/s", 8_000), None, False),
        (known("a figure", 5.0, "us"), None, True),
    ],
)
def test_a_row_is_well_up_to_its_goal(row: Row, ratio: float | None, ok: bool) -> None:
    assert row.ratio == ratio
    assert row.ok is ok
    assert result(known("another", 1.0, "us"), row).ok is ok


def test_machines_get_one_line_with_every_field() -> None:
    line = as_json(result(times_more("a cost", 8.0, 3.0, "us", at_most=4), known("b", 1.0, "B")))
    said = msgspec.json.decode(line)
    assert "\n" not in line
    assert set(said) == {"bench", "machine", "rows"}
    assert set(said["machine"]) == {"cores", "python", "sqlite"}
    assert [set(row) for row in said["rows"]] == [FIELDS, FIELDS]
    first, second = said["rows"]
    assert (first["value"], first["against"], first["ratio"], first["goal"]) == (8, 3, 2.667, 4)
    assert (first["direction"], first["ok"]) == ("at most", True)
    assert (second["against"], second["ratio"]) == (None, None)
    assert (second["goal"], second["ok"]) == (0, True)


def test_no_more_digits_are_told_than_mean_anything() -> None:
    assert rounded(1234.567) == 1235.0
    assert rounded(0.000123456) == 0.0001235
    assert rounded(None) is None
