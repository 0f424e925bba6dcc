"""`vmuster status`: the fleet on one screen."""

import click

from vmuster.cli.morning import print_status
from vmuster.cli.printing import Form
from vmuster.cli.speaking import connected, speaks


@click.command("status")
@speaks
def status(url: str, key: str, form: Form) -> None:
    """Say how the fleet is: whether vmuster acts by itself (ARMED) and if not, why; which hosts
    are not up; what the VMs are to us; and which plans wait for a person.

    \b
    Examples:
      vmuster status
      vmuster status -o json
    """
    with connected(url, key) as client:
        print_status(client, client.status(), form)
