"""`vmuster plan`: what the next pass would do; and the plans that are held for a person."""

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import click

from vmuster.cli.asking.completing import complete_cluster, complete_host, complete_plan
from vmuster.cli.asking.confirming import confirm, yes_option
from vmuster.cli.asking.settings import completion_of, pairs, settings_help
from vmuster.cli.asking.speaking import Server, changes, connected, not_empty, speaks, words
from vmuster.cli.printing.columns import ACTS, PLAN, PLANS
from vmuster.cli.printing.forms import Output, print_item, print_items, print_told
from vmuster.cli.printing.idling import reasons_at
from vmuster.cli.printing.listing import lists
from vmuster.cli.printing.moments import at
from vmuster.cli.printing.previewing import told
from vmuster.cli.printing.shortening import whole_id
from vmuster.model.policy import Policy
from vmuster.model.states import HostMode
from vmuster.model.text import visible

if TYPE_CHECKING:
    from vmuster.client.rest import Client

_LIST: Final = "vmuster plan list"


@click.group(
    "plan",
    invoke_without_command=True,
    epilog=settings_help(),
    short_help="Say what would be done next; plans that are held.",
)
@click.option(
    "--host",
    default="",
    callback=not_empty,
    shell_complete=complete_host,
    help="Of this host only.",
)
@click.option(
    "--cluster",
    default="",
    callback=not_empty,
    shell_complete=complete_cluster,
    help="Of this cluster's hosts only.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="SETTING=VALUE",
    shell_complete=completion_of(Policy),
    help="What if this setting of the policy were so? May be said several times.",
)
@click.option("--mode", type=click.Choice(words(HostMode)), help="What if it were in this mode?")
@speaks
@click.pass_context
def plan(
    context: click.Context,
    host: str,
    cluster: str,
    settings: tuple[str, ...],
    mode: str | None,
    server: Server,
    out: Output,
) -> None:
    """Say what the next pass over each host would do, and what is withheld and why.

    Nothing is done by asking. With --set and --mode: what would be done if it were so.

    \b
    Examples:
      vmuster plan --host alpha
      vmuster plan --host alpha --mode manage --set unknown_vms=stop-by-mark
      vmuster plan list
    """
    if context.invoked_subcommand is not None:
        if host or cluster or settings or mode:
            raise click.UsageError("--host, --cluster, --set and --mode stand without a command")
        return
    if host and cluster:
        raise click.UsageError("say --host or --cluster, not both")
    assumed = pairs(settings)
    with connected(server) as client:
        previews = client.preview(host=host, cluster=cluster, settings=assumed, mode=mode or "")
        _print_previews(client, previews, out)


@plan.command("list")
@lists
def list_(server: Server, out: Output) -> None:
    """List the plans that are held, approved or rejected.

    \b
    Examples:
      vmuster plan list -o json
    """
    with connected(server) as client:
        print_items([_named(each) for each in client.plans()], PLANS, out)


@plan.command("show")
@click.argument("id_", metavar="ID", shell_complete=complete_plan)
@speaks
def show(id_: str, server: Server, out: Output) -> None:
    """Show a plan: each act that is held, and why. Of ID the first characters are enough.

    \b
    Examples:
      vmuster plan show 6f4b2d1e
    """
    with connected(server) as client:
        _print_plan(_named(client.plan(_whole(client, id_))), out)


@plan.command("approve")
@click.argument("id_", metavar="ID", shell_complete=complete_plan)
@yes_option
@changes
def approve(id_: str, yes: bool, server: Server, out: Output) -> None:
    """Let a held plan pass, for a while: its budgets are lifted, and nothing else.

    Each act is decided again and proved again, by the server and on the host; what does not hold
    any more is not done. Only the plan with this very ID is approved: one that has grown since you
    read it has another.

    \b
    Examples:
      vmuster plan approve 6f4b2d1e
    """
    with connected(server) as client:
        held = _named(client.plan(_whole(client, id_)))
        acts = ", ".join(f"{act['act']} {act['name']}" for act in held["acts"])
        confirm(f"On host {held['host_name']}: {acts}.", yes=yes)
        approved = _named(client.approve_plan(held["id"]))
        _print_plan(approved, out)
        said = f"Approved until {at(approved['expires_at'])}; each act is decided and proved again"
        click.echo(f"{said} before it is done.", err=not out.for_people)
        host, cluster = approved["host_name"], approved["cluster"]
        for why in reasons_at(client.status(), host=host, cluster=cluster):
            waits = f"Not now: {why}. Ends that before the approval does, they are done at once."
            click.echo(visible(waits), err=not out.for_people)


@plan.command("reject")
@click.argument("id_", metavar="ID", shell_complete=complete_plan)
@click.option("-y", "--yes", is_flag=True, expose_value=False, help="As for approve; none asks.")
@changes
def reject(id_: str, server: Server, out: Output) -> None:
    """Have a held plan not done, as long as the same acts are proposed.

    \b
    Examples:
      vmuster plan reject 6f4b2d1e
    """
    with connected(server) as client:
        _print_plan(_named(client.reject_plan(_whole(client, id_))), out)


def _print_previews(client: "Client", previews: list[dict[str, Any]], out: Output) -> None:
    hosts = [preview["host"] for preview in previews]
    print_told(previews, out, names=hosts, told=lambda: told(client, previews))


def _print_plan(held: dict[str, Any], out: Output) -> None:
    print_item(held, PLAN, out)
    if out.for_people:
        click.echo()
        print_items(held["acts"], ACTS, out)


def _whole(client: "Client", id_: str) -> str:
    return whole_id(id_, client.plans, kind="plan", hint=_LIST)


def _named(held: dict[str, Any]) -> dict[str, Any]:
    """A plan whose acts are in order, and whose host has at least its id for a name."""
    acts = sorted(held["acts"], key=itemgetter("act", "name", "vm"))
    return {**held, "acts": acts, "host_name": held["host_name"] or held["host"]}
