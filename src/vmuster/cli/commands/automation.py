"""`vmuster disarm` and `vmuster arm`: whether vmuster may act by itself."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from vmuster.cli.asking.completing import complete_cluster, complete_host
from vmuster.cli.asking.confirming import yes_option
from vmuster.cli.asking.foreseeing import confirm_arming
from vmuster.cli.asking.speaking import Server, changes, connected, not_empty
from vmuster.cli.printing.forms import Output
from vmuster.cli.printing.morning import print_status
from vmuster.model.text import WORDS_CHARACTERS_MAX

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _where(command: Callable[_P, _R]) -> Callable[_P, _R]:
    host = click.option(
        "--host",
        default="",
        callback=not_empty,
        shell_complete=complete_host,
        help="On this host only.",
    )
    cluster = click.option(
        "--cluster",
        default="",
        callback=not_empty,
        shell_complete=complete_cluster,
        help="In this cluster only.",
    )
    return host(cluster(command))


@click.command("disarm", short_help="Have vmuster do nothing by itself.")
@_where
@click.option("--why", default="", metavar="TEXT", help="For those who ask later.")
@changes
def disarm(host: str, cluster: str, why: str, server: Server, out: Output) -> None:
    """Have vmuster do nothing by itself: in the whole fleet, a cluster, or on a host.

    At once, and until it is armed again. What people ask for is done all the same.

    \b
    Examples:
      vmuster disarm --why "network maintenance"
      vmuster disarm --host alpha
    """
    if len(why) > WORDS_CHARACTERS_MAX:
        raise click.UsageError(f"--why has at most {WORDS_CHARACTERS_MAX} characters")
    _set(host, cluster, server, out, armed=False, why=why)


@click.command("arm", short_help="Let vmuster act by itself again.")
@_where
@yes_option
@changes
def arm(host: str, cluster: str, yes: bool, server: Server, out: Output) -> None:
    """Let vmuster do again by itself what the policies allow.

    Where something has been kept back, it is shown first, and you are asked.

    \b
    Examples:
      vmuster arm
      vmuster arm --cluster default
    """
    _set(host, cluster, server, out, armed=True, yes=yes)


def _set(
    host: str,
    cluster: str,
    server: Server,
    out: Output,
    *,
    armed: bool,
    why: str = "",
    yes: bool = True,
) -> None:
    if host and cluster:
        raise click.UsageError("say --host or --cluster, not both")
    scope = "host" if host else "cluster" if cluster else "fleet"
    with connected(server) as client:
        if not yes:
            confirm_arming(client, host=host, cluster=cluster)
        status = client.set_automation(scope, host or cluster, armed=armed, why=why)
        print_status(client, status, out)
