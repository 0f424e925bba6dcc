"""`vmuster status`: the fleet on one screen."""

import threading
from typing import Final

import click

from vmuster.cli.asking.speaking import Failed, Server, connected
from vmuster.cli.asking.watching import watches
from vmuster.cli.printing.forms import Output
from vmuster.cli.printing.moments import present
from vmuster.cli.printing.morning import print_status

_STARTS_SECONDS: Final = 60.0
"""A server that has not answered by then is not starting."""
_ASK_SECONDS: Final = 0.5
pause: Final = threading.Event().wait


@click.command("status", short_help="Say how the fleet is, on one screen.")
@click.option("--wait", is_flag=True, help="First wait for the server, for up to a minute.")
@watches
def status(wait: bool, server: Server, out: Output) -> None:
    """Say how the fleet is: whether vmuster acts by itself (ARMED) and if not, why; which hosts
    are not up; what the VMs are to us; and which plans wait for a person.

    \b
    Examples:
      vmuster status
      vmuster status -o json
      vmuster status --wait     # of a server that was just started
    """
    if wait:
        _await(server)
    with connected(server) as client:
        print_status(client, client.status(), out)


def _await(server: Server) -> None:
    """Return once the server answers. Raises `Failed` where it refuses, or is not there in time."""
    given_up_at = present() + _STARTS_SECONDS
    while True:
        try:
            with connected(server) as client:
                client.status()
                return
        except Failed as failed:
            if not failed.passes or present() > given_up_at:
                raise
        pause(_ASK_SECONDS)
