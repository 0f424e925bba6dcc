"""Entries of the journal printed one after another, as they come: a row each, or a document."""

from collections.abc import Iterable
from typing import Final

import click
from msgspec.structs import replace

from vmuster.cli.printing.choosing import chosen, chosen_columns
from vmuster.cli.printing.columns import JOURNAL
from vmuster.cli.printing.forms import Form, Item, Output, print_item, print_items
from vmuster.cli.printing.tables import in_colours

_WIDTHS: Final = {"AT": 20, "KIND": 8, "BY": 12, "VM": 20, "HOST": 12}
"""Nobody knows how long what is still to come will be; what is longer shifts its own line only."""


def print_as_they_come(entries: Iterable[Item], out: Output) -> None:
    """Print each entry that is wanted when it comes; one JSON document is one line."""
    for entry in entries:
        for wanted in chosen([entry], JOURNAL, replace(out, sort=())):
            if out.for_people:
                click.echo(_line(wanted, out), color=in_colours(out))
            elif out.form is Form.CSV:
                print_items([wanted], JOURNAL, replace(out, filters=(), sort=()))
                out = replace(out, headers=False)
            else:
                print_item(wanted, JOURNAL, replace(out, one_line=True))


def _line(entry: Item, out: Output) -> str:
    """The columns of an entry, in one line."""
    cells: list[str] = []
    for column in chosen_columns([entry], JOURNAL, out):
        text = column.text(entry)
        padded = text.ljust(_WIDTHS.get(column.title, 0))
        colour = column.style(text)
        cells.append(click.style(padded, fg=colour) if colour else padded)
    return "  ".join(cells).rstrip()
