"""Tables: they fit a terminal, in colours where it wants them; elsewhere, one line is one row."""

import os
import sys
from collections.abc import Sequence
from typing import Final

from vmuster.cli.printing.forms import Column, Item, Output, is_terminal

_UNBOUNDED: Final = 10_000


def print_table(items: Sequence[Item], columns: Sequence[Column], out: Output) -> None:
    """Print a table of `items` with these columns.

    Off a terminal there is nothing to fit and to colour: then it is padded here, which makes ten
    thousand rows a matter of a moment.
    """
    if not (out.width or is_terminal() or in_colours(out)):
        _print_plain(items, columns, out)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = in_colours(out)
    console = Console(
        file=sys.stdout,
        force_terminal=colours,
        color_system="standard" if colours else None,
        width=out.width or (None if is_terminal() else _UNBOUNDED),
        highlight=False,
        emoji=False,
        markup=False,
    )
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=out.headers)
    for column in columns:
        table.add_column(column.title, overflow="fold")
    for item in items:
        texts = [(column, column.text(item)) for column in columns]
        table.add_row(*(Text(text, style=column.style(text)) for column, text in texts))
    with console.capture() as drawn:
        console.print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in drawn.get().splitlines())


def _print_plain(items: Sequence[Item], columns: Sequence[Column], out: Output) -> None:
    from rich.cells import cell_len

    heads = [[column.title for column in columns]] if out.headers else []
    rows = [*heads, *([column.text(item) for column in columns] for item in items)]
    widths = [max(map(cell_len, texts)) for texts in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        padded = [text + " " * (width - cell_len(text)) for text, width in cells]
        sys.stdout.write(f"{'  '.join(padded).rstrip()}\n")


def in_colours(out: Output) -> bool:
    """Whether to print in colours: as it was said, else on a terminal that does not forbid it."""
    if out.colour is not None:
        return out.colour
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
