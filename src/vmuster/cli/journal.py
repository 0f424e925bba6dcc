"""`vmuster journal`: what was decided, asked, sent and answered."""

import click

from vmuster.cli.columns import JOURNAL
from vmuster.cli.completing import complete_host, complete_vm
from vmuster.cli.printing import Output, print_items
from vmuster.cli.speaking import Server, connected, not_empty, speaks


@click.command("journal")
@click.option(
    "--vm",
    default="",
    callback=not_empty,
    shell_complete=complete_vm,
    help="Only of this VM; it may be gone.",
)
@click.option(
    "--host",
    default="",
    callback=not_empty,
    shell_complete=complete_host,
    help="Only of this host.",
)
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@speaks
def journal(vm: str, host: str, limit: int, server: Server, out: Output) -> None:
    """Read the journal, the newest entry first.

    \b
    Examples:
      vmuster journal -n 20
      vmuster journal --vm i-2-78-VM -o json
    """
    with connected(server) as client:
        print_items(client.journal(vm=vm, host=host, limit=limit), JOURNAL, out)
