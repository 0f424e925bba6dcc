"""`vmuster fleet`: the installation as a whole, and the policy that no cluster can exceed."""

import click

from vmuster.cli.asking.settings import (
    completion_of,
    pairs,
    print_changes,
    print_with_policy,
    setting,
)
from vmuster.cli.asking.speaking import Server, changes, connected, speaks
from vmuster.cli.printing.columns import FLEET
from vmuster.cli.printing.forms import Output, print_item
from vmuster.model.policy import FleetPolicy


@click.group("fleet", short_help="This installation and its policy.")
def fleet() -> None:
    """The fleet: this installation, and what holds for all of its clusters.

    \b
    Examples:
      vmuster fleet show
      vmuster fleet policy set stops_per_window_max=50
    """


@fleet.command("show")
@speaks
def show(server: Server, out: Output) -> None:
    """Show the fleet and every setting of its policy.

    \b
    Examples:
      vmuster fleet show
    """
    with connected(server) as client:
        print_with_policy(client.fleet(), FLEET, out)


@fleet.group("policy")
def policy() -> None:
    """The policy of the fleet: limits above those of its clusters.

    \b
    Examples:
      vmuster fleet policy set dark_percent_max=20
    """


@policy.command("set", cls=setting(FleetPolicy))
@click.argument(
    "settings",
    nargs=-1,
    required=True,
    metavar="SETTING=VALUE...",
    shell_complete=completion_of(FleetPolicy),
)
@changes
def set_(settings: tuple[str, ...], server: Server, out: Output) -> None:
    """Change some settings: all of them or none.

    \b
    Examples:
      vmuster fleet policy set stops_per_window_max=50 dark_percent_max=20
    """
    chosen = pairs(settings, FleetPolicy)
    with connected(server) as client:
        before = client.fleet()
        after = client.set_fleet_policy(chosen)
        if out.for_people:
            print_changes(before["policy"], after["policy"])
        else:
            print_item(after, FLEET, out)
