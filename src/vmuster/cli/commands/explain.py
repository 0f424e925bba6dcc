"""`vmuster explain`: why, of anything that has an id."""

from collections.abc import Callable
from typing import Any

import click

from vmuster.cli.asking.completing import complete_vm
from vmuster.cli.asking.speaking import Server, connected, speaks
from vmuster.cli.printing.explaining import brief, told
from vmuster.cli.printing.forms import Output, print_told

limit_option = click.option(
    "-n",
    "--limit",
    type=click.IntRange(1, 1000),
    default=200,
    show_default=True,
    help="How much of each kind of history is read, the newest first.",
)
why_option = click.option(
    "--why", "short", is_flag=True, help="In three lines: what, why, and by which proof."
)


@click.command("explain", short_help="Say why, of anything that has an id.")
@click.argument("ref", metavar="REF", shell_complete=complete_vm)
@limit_option
@why_option
@speaks
def explain(ref: str, limit: int, short: bool, server: Server, out: Output) -> None:
    """Say why: of a VM, an operation, a command, a held plan or a journal entry.

    REF is an id, or its first 8 characters or more; the number of a journal entry; or the name of a
    VM, which may be gone.

    \b
    Examples:
      vmuster explain 5f0c2ab1
      vmuster explain 1734 --why
    """
    with connected(server) as client:
        story = client.story(ref, limit=limit)
        print_story(story, story, out, short=short)


def print_story(document: Any, story: Any, out: Output, *, short: bool) -> None:
    """Print a story for people, or `document`, in which it stands, for programs."""
    lines: Callable[[Any], Any] = brief if short else told
    print_told(document, out, names=[story["reference"]], told=lambda: lines(story))
