"""Data as it was asked for: a table for people, JSON, YAML or CSV for programs, or names alone."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import click
import msgspec

from vmuster.cli.printing.encoding import as_csv, as_json, as_yaml
from vmuster.model.text import visible

Item = Mapping[str, Any]


class Form(StrEnum):
    """How data is printed."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"
    CSV = "csv"


def _plain(_text: str) -> str:
    return ""


class Column(msgspec.Struct, frozen=True):
    """One column: its title, and what stands in it. `style`: by the text that stands there.

    `wide`: there is room for it in wide tables only. `order`: what it is sorted by, where that is
    not what stands there.
    """

    title: str
    value: Callable[[Item], object]
    style: Callable[[str], str] = _plain
    wide: bool = False
    order: Callable[[Item], object] | None = None

    def text(self, item: Item) -> str:
        """What stands there, in one line; empty where there is nothing."""
        return in_words(self.value(item))


class Shape(msgspec.Struct, frozen=True):
    """How one kind of thing is printed. `name`: the field that names it."""

    name: str
    columns: tuple[Column, ...]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which things are printed: those whose `name` (a column, or a field) has this text or, if
    `part`, contains it in whatever case; `no`: all others."""

    name: str
    text: str
    no: bool = False
    part: bool = False


def _unnoticed(_document: object) -> None:
    pass


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a command prints what it was asked for.

    `columns`: those that are wanted, else the usual. `sort`: by which columns, `-` in front for the
    other way round. `colour`, `width`: None where stdout itself tells. `one_line`: a JSON document
    is one line. `notice` is told each document that is printed.
    """

    form: Form = Form.TABLE
    columns: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    headers: bool = True
    colour: bool | None = None
    width: int | None = None
    one_line: bool = False
    notice: Callable[[object], None] = _unnoticed

    @property
    def for_people(self) -> bool:
        """Whether people read it, so that words may stand beside data."""
        return self.form in (Form.TABLE, Form.WIDE)


def print_items(items: Sequence[Item], shape: Shape, out: Output) -> None:
    """Print several things, as far as they are wanted, in the order that is wanted."""
    from vmuster.cli.printing.choosing import chosen, chosen_columns

    items = chosen(items, shape, out)
    out.notice(items)
    match out.form:
        case Form.JSON | Form.YAML:
            print_document(items, out)
        case Form.NAME:
            for item in items:
                _print_name(item, shape)
        case Form.CSV:
            columns = chosen_columns(items, shape, out)
            rows = [[column.text(item) for column in columns] for item in items]
            heads = [[column.title for column in columns]] if out.headers else []
            click.echo(as_csv([*heads, *rows]), nl=False)
        case Form.TABLE | Form.WIDE:
            from vmuster.cli.printing.tables import print_table

            print_table(items, chosen_columns(items, shape, out), out)


def print_item(item: Item, shape: Shape, out: Output) -> None:
    """Print one thing: its table has one line for each column in which something stands."""
    if out.form is Form.CSV:
        print_items([item], shape, out)
        return
    out.notice(item)
    if out.form is Form.NAME:
        _print_name(item, shape)
    elif out.for_people:
        width = max(len(column.title) for column in shape.columns)
        for column in shape.columns:
            if text := column.text(item):
                click.echo(f"{column.title.lower():<{width}}  {text}")
    else:
        print_document(item, out)


def print_done(item: Item, shape: Shape, out: Output, said: str) -> None:
    """Print what was done to a thing: for people in one line, `said`; else the thing."""
    if out.for_people:
        click.echo(visible(said))
    else:
        print_item(item, shape, out)


def print_told(
    document: object, out: Output, *, names: Iterable[str], told: Callable[[], Iterable[str]]
) -> None:
    """Print something that people are told in sentences. `told`: the lines; `names`: for
    `-o name`. It has no rows, so that it can't be CSV."""
    out.notice(document)
    match out.form:
        case Form.JSON | Form.YAML:
            print_document(document, out)
        case Form.NAME:
            for name in names:
                click.echo(visible(name))
        case Form.CSV:
            raise click.UsageError("this has no rows; -o csv is for lists")
        case Form.TABLE | Form.WIDE:
            for line in told():
                click.echo(visible(line).rstrip())


def print_document(document: object, out: Output) -> None:
    """Print a value as YAML where that was asked for, else as JSON; both are ASCII, so that no
    terminal can be led astray by a name."""
    if out.form is Form.YAML:
        click.echo(as_yaml(document), nl=False)
    else:
        click.echo(as_json(document, one_line=out.one_line))


def in_words(value: object) -> str:
    """A value as it stands in a table: in one line, and nothing hides in it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else visible(str(value))


def is_terminal() -> bool:
    """Whether stdout is one."""
    return sys.stdout.isatty()


def _print_name(item: Item, shape: Shape) -> None:
    click.echo(visible(str(item[shape.name])))
