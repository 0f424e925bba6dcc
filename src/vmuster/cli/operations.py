"""`vmuster operation`: what was asked for, and what became of it."""

import click

from vmuster.cli.columns import OPERATIONS
from vmuster.cli.printing import Form, print_item, print_items
from vmuster.cli.speaking import connected, speaks


@click.group("operation")
def operation() -> None:
    """Operations: requests and automatic acts, each with its result.

    \b
    Examples:
      vmuster operation list
      vmuster operation list -n 10 -o json
    """


@operation.command("list")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@speaks
def list_(limit: int, url: str, key: str, form: Form) -> None:
    """List operations, the newest first.

    \b
    Examples:
      vmuster operation list -n 10
    """
    with connected(url, key) as client:
        print_items(client.operations(limit=limit), OPERATIONS, form)


@operation.command("show")
@click.argument("id_", metavar="ID")
@speaks
def show(id_: str, url: str, key: str, form: Form) -> None:
    """Show one operation.

    \b
    Examples:
      vmuster operation show 0b9a7d60-6f4b-4c8e-9c38-3d5d2b6f0a11
    """
    with connected(url, key) as client:
        print_item(client.operation(id_), OPERATIONS, form)
