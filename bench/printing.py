"""A result as a table for people."""

import sys
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.rows import Direction, Result, Row, rounded

_WIDTH: Final = 120
"""Where nobody says how wide it may be."""


def show(result: Result, console: Console | None = None) -> None:
    """Print `result`, on standard output unless told otherwise."""
    here = result.machine
    table = Table(
        title=f"{result.bench}: {here.cores} cores, Python {here.python}, SQLite {here.sqlite}",
        title_justify="left",
    )
    for heading in ("what", "value", "against", "ratio", "goal", ""):
        table.add_column(heading, justify="left" if heading in ("what", "") else "right")
    for row in result.rows:
        table.add_row(*_cells(row))
    (console or Console(width=None if sys.stdout.isatty() else _WIDTH)).print(table)


def _cells(row: Row) -> tuple[str, ...]:
    informs = row.goal == 0 and row.direction is Direction.AT_LEAST
    return (
        row.what,
        f"{_said(row.value)} {row.unit}",
        _said(row.against),
        _said(row.ratio),
        "" if informs else f"{row.direction} {row.goal:g}",
        "" if informs else ("ok" if row.ok else "missed"),
    )


def _said(figure: float | None) -> str:
    shown = rounded(figure)
    return "" if shown is None else f"{shown:,g}" if abs(shown) < 1000 else f"{shown:,.0f}"
