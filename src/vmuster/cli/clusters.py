"""`vmuster cluster`: clusters, and the policy that holds for their hosts."""

from typing import Any

import click

from vmuster.cli.columns import CLUSTERS, SETTINGS
from vmuster.cli.completing import complete_cluster
from vmuster.cli.confirming import yes_option
from vmuster.cli.foreseeing import confirm_settings
from vmuster.cli.printing import Form, print_item, print_items
from vmuster.cli.settings import completion_of, pairs, print_changes, setting
from vmuster.cli.speaking import connected, speaks
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
@speaks
def add(name: str, url: str, key: str, form: Form) -> None:
    """Add a cluster. Its policy harms nothing until it is changed.

    \b
    Examples:
      vmuster cluster add north
    """
    with connected(url, key) as client:
        print_item(client.add_cluster(name), CLUSTERS, form)


@cluster.command("list")
@speaks
def list_(url: str, key: str, form: Form) -> None:
    """List the clusters.

    \b
    Examples:
      vmuster cluster list -o name
    """
    with connected(url, key) as client:
        print_items(client.clusters(), CLUSTERS, form)


@cluster.command("show")
@click.argument("name", shell_complete=complete_cluster)
@speaks
def show(name: str, url: str, key: str, form: Form) -> None:
    """Show a cluster and every setting of its policy.

    \b
    Examples:
      vmuster cluster show default
    """
    with connected(url, key) as client:
        _print_cluster(client.cluster(name), form)


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
@speaks
def set_(name: str, settings: tuple[str, ...], yes: bool, url: str, key: str, form: Form) -> None:
    """Change some settings: all of them or none.

    Where that lets vmuster do more by itself, it is shown first what the next pass would do, and
    you are asked.

    \b
    Examples:
      vmuster cluster policy set default unknown_vms=leave
      vmuster cluster policy set default drift=enforce stops_per_pass_max=5
    """
    chosen = pairs(settings)
    with connected(url, key) as client:
        before = client.cluster(name)
        confirm_settings(client, before, chosen, yes=yes)
        after = client.set_policy(name, chosen)
        if form is Form.TABLE:
            print_changes(before["policy"], after["policy"])
        else:
            print_item(after, CLUSTERS, form)


def _print_cluster(cluster: dict[str, Any], form: Form) -> None:
    print_item(cluster, CLUSTERS, form)
    if form is Form.TABLE:
        click.echo()
        lines = [{"setting": name, "value": value} for name, value in cluster["policy"].items()]
        print_items(lines, SETTINGS, form)
