"""How long work goes on, on stderr: a bar on a terminal, elsewhere only what is worth a line."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import click

from vmuster.model.text import bounded, visible

_SAID_CHARACTERS_MAX = 60


class Steps:
    """Work of some steps, as it is told elsewhere than on a terminal."""

    def say(self, doing: str) -> None:
        """What is being done now; it is overwritten by what comes next."""

    def note(self, line: str) -> None:
        """Something that people and logs should keep."""
        click.echo(visible(line), err=True)

    def step(self) -> None:
        """One more is done."""


@contextmanager
def progress(what: str, total: int) -> Generator[Steps]:
    """Show how work of `total` steps goes on. Threads may share what it gives."""
    if not sys.stderr.isatty():
        yield Steps()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Bar(Steps):
        def say(self, doing: str) -> None:
            shown.update(task, said=bounded(visible(doing), _SAID_CHARACTERS_MAX))

        def note(self, line: str) -> None:
            shown.console.print(Text(visible(line)))

        def step(self) -> None:
            shown.advance(task)

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[said]}", markup=False),
    )
    console = Console(file=sys.stderr, highlight=False, emoji=False, markup=False)
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(what, total=total, said="")
        yield Bar()
