"""Data as a table for people, as JSON for programs, or as names alone."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import click
import msgspec

from vmuster.model.text import visible

Item = Mapping[str, Any]


class Form(StrEnum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"
    NAME = "name"


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a command prints what it was asked for."""

    form: Form = Form.TABLE


class Column(msgspec.Struct, frozen=True):
    """One column: its title, and what stands in it. `style`: by the text that stands there."""

    title: str
    value: Callable[[Item], object]
    style: Callable[[str], str] = lambda _text: ""


class Shape(msgspec.Struct, frozen=True):
    """How one kind of thing is printed. `name`: the field that names it."""

    name: str
    columns: tuple[Column, ...]


def print_items(items: Sequence[Item], shape: Shape, out: Output) -> None:
    """Print several things."""
    match out.form:
        case Form.JSON:
            print_json(items)
        case Form.NAME:
            for item in items:
                click.echo(visible(str(item[shape.name])))
        case Form.TABLE:
            _print_table(items, shape.columns)


def print_item(item: Item, shape: Shape, out: Output) -> None:
    """Print one thing: its table has one line for each column in which something stands."""
    if out.form is not Form.TABLE:
        if out.form is Form.JSON:
            print_json(item)
        else:
            click.echo(visible(str(item[shape.name])))
        return
    width = max(len(column.title) for column in shape.columns)
    for column in shape.columns:
        if text := _text(column, item):
            click.echo(f"{column.title.lower():<{width}}  {text}")


def counted(number: int, thing: str) -> str:
    """How many of a thing, in words: `1 host`, `2 hosts`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def print_json(value: object) -> None:
    """Print a value as JSON, in ASCII: no terminal can be led astray by a name."""
    click.echo(json.dumps(value, indent=2))


def _print_table(items: Sequence[Item], columns: Sequence[Column]) -> None:
    """A table, in colours on a terminal only; beyond a terminal, no line is ever folded."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    console = Console(
        file=sys.stdout,
        force_terminal=terminal,
        no_color=not terminal or "NO_COLOR" in os.environ,
        width=None if terminal else 10_000,
        highlight=False,
        emoji=False,
        markup=False,
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.title, overflow="fold")
    for item in items:
        texts = [(column, _text(column, item)) for column in columns]
        table.add_row(*(Text(text, style=column.style(text)) for column, text in texts))
    console.print(table)


def _text(column: Column, item: Item) -> str:
    value = column.value(item)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else visible(str(value))
