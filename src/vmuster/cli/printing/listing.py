"""What commands share that list things: which ones, in which order, with which columns."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
from msgspec.structs import replace

from vmuster.cli.asking.watching import watches
from vmuster.cli.printing.choosing import filter_of
from vmuster.cli.printing.forms import Filter, Form, Output

_R = TypeVar("_R")
_WITH_COLUMNS = (Form.TABLE, Form.WIDE, Form.CSV)


def lists(command: Callable[..., _R]) -> Callable[..., _R | None]:
    """A command that lists things, as `speaks`; what is wanted of them is in the argument `out`."""

    @click.option(
        "--columns",
        metavar="A,B",
        callback=_names,
        help="The columns, by title or by field; one that is not there tells which are.",
    )
    @click.option(
        "--sort",
        metavar="A,-B",
        callback=_names,
        help="By what to sort; with - in front, the other way round.",
    )
    @click.option(
        "--filter",
        "filters",
        metavar="A=TEXT",
        multiple=True,
        callback=_filters,
        help="Only those; also A!=TEXT, and A~TEXT for a part of it. May be said several times.",
    )
    @click.option("--no-headers", is_flag=True, help="No line of titles.")
    @watches
    @wraps(command)
    def listing(
        *args: Any,
        out: Output,
        columns: tuple[str, ...],
        sort: tuple[str, ...],
        filters: tuple[Filter, ...],
        no_headers: bool,
        **said: Any,
    ) -> _R:
        if columns and out.form not in _WITH_COLUMNS:
            raise click.UsageError("--columns is for -o table, wide and csv")
        chosen = replace(out, columns=columns, sort=sort, filters=filters, headers=not no_headers)
        return command(*args, out=chosen, **said)

    return listing


def _names(
    _context: click.Context, _parameter: click.Parameter, said: str | None
) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (said or "").split(","))
    if said is not None and not all(name.removeprefix("-") for name in names):
        raise click.BadParameter("a name in it is empty")
    return names if said is not None else ()


def _filters(
    _context: click.Context, _parameter: click.Parameter, said: tuple[str, ...]
) -> tuple[Filter, ...]:
    return tuple(map(filter_of, said))
