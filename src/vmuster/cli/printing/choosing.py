"""Which of the listed things are printed, in which order, and with which columns.

A column is meant by its title (`last-account`), or by the field that the API gives it by
(`profile.kind`): so whatever `-o json` shows can be a column, be sorted by and be filtered by.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, cast

import click

from vmuster.cli.printing.forms import Column, Filter, Form, Item, Output, Shape, in_words
from vmuster.model.text import visible

_FILTER: Final = re.compile(r"([^=!~]+)(!=|=|~)(.*)", re.DOTALL)
_SPACE: Final = re.compile(r"[-_ ]+")


def filter_of(said: str) -> Filter:
    """The filter that is said by `NAME=TEXT`, `NAME!=TEXT` or `NAME~PART`."""
    match = _FILTER.fullmatch(said)
    if match is None:
        raise click.BadParameter("a filter is NAME=TEXT, NAME!=TEXT or NAME~PART")
    name, sign, text = match.groups()
    return Filter(name=name.strip(), text=text, no=sign == "!=", part=sign == "~")


def chosen(items: Sequence[Item], shape: Shape, out: Output) -> list[Item]:
    """Those of `items` that are wanted, in the order that is wanted."""
    kept = list(items)
    for wanted in out.filters:
        fits = _fits(wanted, items, shape)
        kept = [item for item in kept if fits(item)]
    for name in reversed(out.sort):
        column = _column(name.removeprefix("-"), items, shape)
        kept = _sorted(kept, column, backwards=name.startswith("-"))
    return kept


def chosen_columns(items: Sequence[Item], shape: Shape, out: Output) -> tuple[Column, ...]:
    """The columns that are wanted; else those that there is room for."""
    if out.columns:
        return tuple(_column(name, items, shape) for name in out.columns)
    roomy = out.form is not Form.TABLE
    return tuple(column for column in shape.columns if roomy or not column.wide)


def fields_of(items: Iterable[Item]) -> list[str]:
    """The fields that things have, those inside others as `outer.inner`, in order."""
    return list(dict.fromkeys(path for item in items for path in _paths(item)))


def _fits(wanted: Filter, items: Sequence[Item], shape: Shape) -> Callable[[Item], bool]:
    """Compares both what a column shows and the field of the same name: `health=up` is meant,
    though `up (3 min)` is what stands there."""
    columns = _named(wanted.name, items, shape)
    text = wanted.text.casefold() if wanted.part else wanted.text

    def fits(item: Item) -> bool:
        texts = [column.text(item) for column in columns]
        if wanted.part:
            return any(text in each.casefold() for each in texts)
        return (text in texts) is not wanted.no

    return fits


def _column(name: str, items: Sequence[Item], shape: Shape) -> Column:
    return _named(name, items, shape)[0]


def _named(name: str, items: Sequence[Item], shape: Shape) -> list[Column]:
    """The columns that `name` may mean, the first one of all first; there is at least one."""
    titled = [column for column in shape.columns if _key(column.title) == _key(name)]
    fields = fields_of(items)
    of_field = [_field_column(path) for path in fields if path == name]
    if not items and not titled:
        of_field = [_field_column(name)]
    if not titled and not of_field:
        raise click.UsageError(_unknown(name, shape, fields))
    return titled + of_field


def _field_column(path: str) -> Column:
    def value(item: Item) -> object:
        found: Item | None = item
        *outer, last = path.split(".")
        for part in outer:
            inner = found.get(part) if found is not None else None
            found = cast("Item", inner) if isinstance(inner, Mapping) else None
        return found.get(last) if found is not None else None

    return Column(path.upper(), value)


def _sorted(items: Sequence[Item], column: Column, *, backwards: bool) -> list[Item]:
    """Numbers by size, then texts by alphabet in whatever case; where nothing stands comes last."""
    value = column.order or column.value

    def order(item: Item) -> tuple[bool, float, str]:
        found = value(item)
        is_number = isinstance(found, int | float)
        return not is_number, found if is_number else 0.0, in_words(found).casefold()

    there = [item for item in items if in_words(value(item))]
    absent = [item for item in items if not in_words(value(item))]
    return sorted(there, key=order, reverse=backwards) + absent


def _paths(item: Item, before: str = "") -> Iterable[str]:
    for name, value in item.items():
        yield f"{before}{name}"
        if isinstance(value, Mapping):
            yield from _paths(cast("Mapping[str, Any]", value), f"{before}{name}.")


def _unknown(name: str, shape: Shape, fields: Sequence[str]) -> str:
    titles = [_SPACE.sub("-", column.title.lower()) for column in shape.columns]
    others = [field for field in fields if field not in titles]
    near = get_close_matches(name.lower(), [*titles, *others], n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    fields_too = f"; and the fields {', '.join(others)}" if others else ""
    return visible(f"There is no column {name!r}.{meant} There are {', '.join(titles)}{fields_too}")


def _key(name: str) -> str:
    return _SPACE.sub(" ", name).casefold()
