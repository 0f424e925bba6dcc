"""`vmuster journal`: what was decided, asked, sent and answered."""

import click

from vmuster.cli.asking.completing import complete_host, complete_vm
from vmuster.cli.asking.speaking import Server, connected, not_empty, words
from vmuster.cli.commands.following import print_as_they_come
from vmuster.cli.commands.verifying import head, verify
from vmuster.cli.printing.columns import JOURNAL
from vmuster.cli.printing.forms import Output, print_items
from vmuster.cli.printing.listing import lists
from vmuster.cli.printing.moments import since as moment_meant
from vmuster.model.journal import EntryKind


def _since(context: click.Context, parameter: click.Parameter, text: str) -> str:
    try:
        return moment_meant(text) if text else ""
    except ValueError as error:
        raise click.BadParameter(
            "say a time as 2026-11-22T14:03:00Z, or how long ago as 90m, 1h or 2d",
            ctx=context,
            param=parameter,
        ) from error


@click.group("journal", invoke_without_command=True)
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
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(words(EntryKind)),
    help="Only of this kind; may be said several times.",
)
@click.option(
    "--since",
    default="",
    metavar="TIME",
    callback=_since,
    help="Back to 2026-11-22T14:03:00Z; or 90m, 1h, 2d ago.",
)
@click.option("--actor", default="", callback=not_empty, help="Only what this key asked for.")
@click.option("-n", "--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("-f", "--follow", is_flag=True, help="Print what is written, as it is; Ctrl-C ends.")
@lists
@click.pass_context
def journal(
    context: click.Context,
    vm: str,
    host: str,
    kinds: tuple[str, ...],
    since: str,
    actor: str,
    limit: int,
    follow: bool,
    server: Server,
    out: Output,
) -> None:
    """Read the journal, the newest entry first.

    \b
    Examples:
      vmuster journal -n 20
      vmuster journal --vm i-2-78-VM -o json
      vmuster journal --follow --kind alert
      vmuster journal verify
    """
    if context.invoked_subcommand is not None:
        return
    with connected(server) as client:
        if follow:
            events = client.events(vm=vm, host=host, kinds=kinds, since=since)
            print_as_they_come(events, out)
            return
        found = client.journal(kinds=kinds, vm=vm, host=host, actor=actor, since=since, limit=limit)
        print_items(found, JOURNAL, out)


journal.add_command(verify)
journal.add_command(head)
