"""`vmuster cluster`: clusters, and the policy that holds for their hosts."""

import click

from vmuster.cli.asking.completing import complete_cluster
from vmuster.cli.asking.confirming import yes_option
from vmuster.cli.asking.foreseeing import confirm_settings
from vmuster.cli.asking.settings import (
    completion_of,
    pairs,
    print_changes,
    print_with_policy,
    setting,
)
from vmuster.cli.asking.speaking import Server, changes, connected, speaks
from vmuster.cli.printing.columns import CLUSTERS
from vmuster.cli.printing.forms import Output, print_item, print_items
from vmuster.cli.printing.listing import lists
from vmuster.model.policy import Policy


@click.group("cluster")
def cluster() -> None:
    """Clusters: sets of hosts under one policy.

    \b
    Examples:
      vmuster cluster show default
      vmuster cluster policy set default drift=enforce restart=on-crash
    """


@cluster.command("add")
@click.argument("name")
@changes
def add(name: str, server: Server, out: Output) -> None:
    """Add a cluster. Its policy harms nothing until it is changed.

    \b
    Examples:
      vmuster cluster add north
    """
    with connected(server) as client:
        print_item(client.add_cluster(name), CLUSTERS, out)


@cluster.command("list")
@lists
def list_(server: Server, out: Output) -> None:
    """List the clusters.

    \b
    Examples:
      vmuster cluster list -o name
    """
    with connected(server) as client:
        print_items(client.clusters(), CLUSTERS, out)


@cluster.command("show")
@click.argument("name", shell_complete=complete_cluster)
@speaks
def show(name: str, server: Server, out: Output) -> None:
    """Show a cluster and every setting of its policy.

    \b
    Examples:
      vmuster cluster show default
    """
    with connected(server) as client:
        print_with_policy(client.cluster(name), CLUSTERS, out)


@cluster.group("policy")
def policy() -> None:
    """The policy of a cluster: what vmuster may do by itself.

    \b
    Examples:
      vmuster cluster policy set default drift=enforce
    """


@policy.command("set", cls=setting(Policy))
@click.argument("name", metavar="CLUSTER", shell_complete=complete_cluster)
@click.argument(
    "settings",
    nargs=-1,
    required=True,
    metavar="SETTING=VALUE...",
    shell_complete=completion_of(Policy),
)
@yes_option
@changes
def set_(name: str, settings: tuple[str, ...], yes: bool, server: Server, out: Output) -> None:
    """Change some settings: all of them or none.

    Where that lets vmuster do more by itself, it is shown first what the next pass would do, and
    you are asked.

    \b
    Examples:
      vmuster cluster policy set default unknown_vms=leave
      vmuster cluster policy set default drift=enforce stops_per_pass_max=5
    """
    chosen = pairs(settings)
    with connected(server) as client:
        before = client.cluster(name)
        confirm_settings(client, before, chosen, yes=yes)
        after = client.set_policy(name, chosen)
        if out.for_people:
            print_changes(before["policy"], after["policy"])
        else:
            print_item(after, CLUSTERS, out)
