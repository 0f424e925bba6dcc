"""`vmuster operation`: what was asked for, and what became of it."""

from typing import Any, Final

import click

from vmuster.cli.asking import selecting
from vmuster.cli.asking.completing import complete_operation
from vmuster.cli.asking.selecting import selects
from vmuster.cli.asking.speaking import Server, connected, speaks
from vmuster.cli.printing.columns import OPERATIONS
from vmuster.cli.printing.forms import Output, print_item, print_items
from vmuster.cli.printing.listing import lists
from vmuster.cli.printing.shortening import whole_id

_LISTED_MAX: Final = 1000
"""Operations among which a short id is looked for: the newest."""


@click.group("operation")
def operation() -> None:
    """Operations: requests and automatic acts, each with its result.

    \b
    Examples:
      vmuster operation list
      vmuster operation list -n 10 -o json
    """


@operation.command("list")
@selects(selecting.OPERATIONS)
@lists
def list_(chosen: dict[str, Any], server: Server, out: Output) -> None:
    """List operations, the newest first.

    \b
    Examples:
      vmuster operation list -n 10
      vmuster operation list --state running --host alpha
    """
    with connected(server) as client:
        print_items(client.operations(**chosen), OPERATIONS, out)


@operation.command("show")
@click.argument("id_", metavar="ID", shell_complete=complete_operation)
@speaks
def show(id_: str, server: Server, out: Output) -> None:
    """Show one operation. Of ID the first characters are enough.

    \b
    Examples:
      vmuster operation show 0b9a7d60
    """
    with connected(server) as client:
        id_ = whole_id(
            id_,
            lambda: client.operations(limit=_LISTED_MAX),
            kind="operation",
            hint="vmuster operation list",
        )
        print_item(client.operation(id_), OPERATIONS, out)
