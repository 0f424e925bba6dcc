"""`vmuster fleet`: the installation as a whole, and the policy that no cluster can exceed."""

from typing import Any

import click

from vmuster.cli.columns import FLEET, SETTINGS
from vmuster.cli.printing import Form, print_item, print_items
from vmuster.cli.settings import completion_of, pairs, print_changes, setting
from vmuster.cli.speaking import connected, speaks
from vmuster.model.policy import FleetPolicy


@click.group("fleet")
def fleet() -> None:
    """The fleet: this installation, and what holds for all of its clusters.

    \b
    Examples:
      vmuster fleet show
      vmuster fleet policy set stops_per_window_max=50
    """


@fleet.command("show")
@speaks
def show(url: str, key: str, form: Form) -> None:
    """Show the fleet and every setting of its policy.

    \b
    Examples:
      vmuster fleet show
    """
    with connected(url, key) as client:
        _print_fleet(client.fleet(), form)


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
@speaks
def set_(settings: tuple[str, ...], url: str, key: str, form: Form) -> None:
    """Change some settings: all of them or none.

    \b
    Examples:
      vmuster fleet policy set stops_per_window_max=50 dark_percent_max=20
    """
    chosen = pairs(settings)
    with connected(url, key) as client:
        before = client.fleet()
        after = client.set_fleet_policy(chosen)
        if form is Form.TABLE:
            print_changes(before["policy"], after["policy"])
        else:
            print_item(after, FLEET, form)


def _print_fleet(fleet: dict[str, Any], form: Form) -> None:
    print_item(fleet, FLEET, form)
    if form is Form.TABLE:
        click.echo()
        lines = [{"setting": name, "value": value} for name, value in fleet["policy"].items()]
        print_items(lines, SETTINGS, form)
