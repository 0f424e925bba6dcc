"""`vmuster status`: the fleet on one screen."""

import click

from vmuster.cli.morning import print_status
from vmuster.cli.printing import Output
from vmuster.cli.speaking import Server, connected
from vmuster.cli.watching import watches


@click.command("status", short_help="Say how the fleet is, on one screen.")
@watches
def status(server: Server, out: Output) -> None:
    """Say how the fleet is: whether vmuster acts by itself (ARMED) and if not, why; which hosts
    are not up; what the VMs are to us; and which plans wait for a person.

    \b
    Examples:
      vmuster status
      vmuster status -o json
    """
    with connected(server) as client:
        print_status(client, client.status(), out)
