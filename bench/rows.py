"""What a bench says: rows with a goal, as values, and as plain data for machines.

A row is judged by its `ratio` where it has one, else by its `value`. A row that is there to be
known has the goal "at least 0", which everything reaches.
"""

from enum import StrEnum
from typing import Final

import msgspec

from bench.measuring import Machine


class Direction(StrEnum):
    """On which side of its goal a figure is well."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure.

    `value` and `against` are in `unit`; `against`: what was measured beside it in the same run,
    None where the figure stands alone. `ratio`: how many times one is the other, as `times_more`
    or `times_less` made it.
    """

    what: str
    value: float
    unit: str
    against: float | None = None
    ratio: float | None = None
    direction: Direction = Direction.AT_LEAST
    goal: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the goal is reached."""
        figure = self.value if self.ratio is None else self.ratio
        return figure <= self.goal if self.direction is Direction.AT_MOST else figure >= self.goal


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All rows of one bench, and the machine that they were measured on."""

    bench: str
    machine: Machine
    rows: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        """Whether every goal is reached."""
        return all(row.ok for row in self.rows)


_DIGITS: Final = 4
"""Significant ones that are told; more would be noise."""


def times_more(what: str, value: float, against: float, unit: str, *, at_most: float) -> Row:
    """A cost beside a limit: it may be so many times more."""
    return Row(
        what=what,
        value=value,
        unit=unit,
        against=against,
        ratio=value / against,
        direction=Direction.AT_MOST,
        goal=at_most,
    )


def times_less(what: str, value: float, against: float, unit: str, *, at_least: float) -> Row:
    """A cost beside a peer's: it should be so many times less."""
    return Row(
        what=what, value=value, unit=unit, against=against, ratio=against / value, goal=at_least
    )


def at_most(what: str, value: float, unit: str, goal: float) -> Row:
    """A figure that stands alone and should be small."""
    return Row(what=what, value=value, unit=unit, direction=Direction.AT_MOST, goal=goal)


def at_least(what: str, value: float, unit: str, goal: float) -> Row:
    """A figure that stands alone and should be large."""
    return Row(what=what, value=value, unit=unit, goal=goal)


def known(what: str, value: float, unit: str) -> Row:
    """A figure that is there to be known."""
    return Row(what=what, value=value, unit=unit)


def as_json(result: Result) -> str:
    """`result` as one line of JSON: `{"bench", "machine", "rows": [...]}`."""
    rows = [_plain(row) for row in result.rows]
    said = {"bench": result.bench, "machine": msgspec.to_builtins(result.machine), "rows": rows}
    return msgspec.json.encode(said).decode()


def _plain(row: Row) -> dict[str, object]:
    return {
        "what": row.what,
        "value": rounded(row.value),
        "unit": row.unit,
        "against": rounded(row.against),
        "ratio": rounded(row.ratio),
        "direction": row.direction.value,
        "goal": row.goal,
        "ok": row.ok,
    }


def rounded(figure: float | None) -> float | None:
    """`figure` with as many digits as mean anything."""
    return None if figure is None else float(f"{figure:.{_DIGITS}g}")
