"""`vmuster host add`: one host, with what is on it; or many, from a file."""

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from vmuster.cli.asking.adding import GOOD, add_all, first_account, why_silent
from vmuster.cli.asking.completing import complete_cluster, complete_credential
from vmuster.cli.asking.host_keys import pinned_profile
from vmuster.cli.asking.host_lines import (
    FORMAT,
    HostWish,
    host_wish,
    options_said,
    read_lines,
    ways_said,
)
from vmuster.cli.asking.speaking import Failed, Server, changes, connected, not_empty
from vmuster.cli.asking.waiting import tell
from vmuster.cli.printing.columns import ADDITIONS, HOST
from vmuster.cli.printing.forms import Output, print_item, print_items
from vmuster.model.text import counted, visible

if TYPE_CHECKING:
    from vmuster.client.rest import Client

PROMISE: Final = "OBSERVE: vmuster will not start, stop, change or delete anything on this host."


@click.command("add", epilog=FORMAT)
@click.argument("name", required=False, default="")
@click.option("--local", is_flag=True, help="The hypervisor on the server's own machine.")
@click.option(
    "--ssh",
    default="",
    callback=not_empty,
    metavar="[USER@]ADDRESS",
    help="One that is reached over ssh.",
)
@click.option(
    "--tls",
    default="",
    callback=not_empty,
    metavar="ADDRESS",
    help="One that is reached over mutual TLS.",
)
@click.option("--loopback", type=click.IntRange(1, 65535), metavar="PORT", help="For demos.")
@click.option("--session", is_flag=True, help="The user's own hypervisor, not the system's.")
@click.option("--port", type=click.IntRange(1, 65535), help="With --ssh or --tls.")
@click.option(
    "--credential",
    default="",
    callback=not_empty,
    metavar="NAME",
    shell_complete=complete_credential,
    help="What opens it, stored before; else what the server's own user has.",
)
@click.option(
    "--host-key",
    default="",
    callback=not_empty,
    metavar="KEY",
    help='With --ssh: the key that it must show, "TYPE BASE64", or its SHA256:fingerprint. '
    "[default: the one in the server's known_hosts; else you are asked]",
)
@click.option("--trust-first-key", is_flag=True, help="Take the key that is shown, unseen.")
@click.option(
    "--cluster",
    default="",
    callback=not_empty,
    shell_complete=complete_cluster,
    help="[default: default]",
)
@click.option(
    "--from", "file", type=click.File("r", encoding="utf-8"), help="Many hosts; - is stdin."
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask; this trusts no host key by itself.")
@changes
def add(
    name: str,
    file: TextIO | None,
    trust_first_key: bool,
    yes: bool,
    server: Server,
    out: Output,
    **said: Any,
) -> None:
    """Add a host, only to look at it, and say what is there; or many hosts, from a file.

    Of a file every host is added, several at a time, and what became of each is told at the end.
    The exit status is 1 if a host was not added or has given no account of its VMs yet. A file can
    be used again: hosts that are there already are left alone.

    \b
    Examples:
      vmuster host add alpha --local
      vmuster host add mine --local --session
      vmuster host add beta --ssh root@beta.example.org --credential fleet-ssh
      vmuster host add gamma --tls gamma.example.org --cluster north
      vmuster host add --from hosts.txt
    """
    if file is not None:
        if name or any(said.values()):
            raise click.UsageError("with --from FILE everything about a host stands in the file")
        _add_many(_read(file), server, out, trust_first=trust_first_key)
        return
    wish = _wish(name, said)
    with connected(server) as client:
        profile = pinned_profile(client, wish.profile, trust_first=trust_first_key, ask=not yes)
        added = client.add_host(wish.name, profile, cluster=wish.cluster)
        tell(f"host {wish.name} is added; waiting for its first account")
        _print_added(client, first_account(client, added["id"]), out)


def _wish(name: str, said: dict[str, Any]) -> HostWish:
    """The host that the command line means; a usage error where it means none, or several."""
    ways = ways_said(said)
    if not name or len(ways) != 1:
        raise click.UsageError(
            "say NAME, and one of --local, --ssh, --tls and --loopback; or --from FILE"
        )
    kind, place = ways[0]
    options = options_said(said)
    if said["session"]:
        options["scope"] = "session"
    try:
        return host_wish(name, kind, place, options)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _read(file: TextIO) -> list[HostWish]:
    try:
        return read_lines(file)
    except ValueError as error:
        raise click.UsageError(f"nothing was added; {visible(str(error))}") from error


def _add_many(wishes: list[HostWish], server: Server, out: Output, *, trust_first: bool) -> None:
    with connected(server) as client:
        outcomes = add_all(client, wishes, trust_first=trust_first)
    print_items(outcomes, ADDITIONS, out)
    bad = sum(outcome["state"] not in GOOD for outcome in outcomes)
    if bad:
        raise Failed(
            f"{bad} of {counted(len(outcomes), 'host')}: see the reason of each",
            hint="put it right and use the same file again: what is there already is left alone",
        )


def _print_added(client: "Client", seen: dict[str, Any], out: Output) -> None:
    """The new host: what is on it, and the promise that nothing is done to that."""
    silent = why_silent(seen)
    vms = [] if silent else client.vms(host=seen["id"])
    standings = Counter(str(vm["standing"] or vm["finding"]) for vm in vms)
    if not out.for_people:
        print_item({**seen, "standings": standings}, HOST, out)
        click.echo(PROMISE, err=True)
    else:
        click.echo(f"host {visible(seen['name'])} is added.")
        if not silent:
            click.echo(f"It has {counted(len(vms), 'VM')}{_by_standing(standings)}.")
        click.echo(PROMISE)
    if silent:
        raise Failed(
            f"host {seen['name']} is added, and has not said what is on it yet: {silent}",
            hint=f"vmuster keeps trying; look again with 'vmuster host show {seen['name']}'",
        )


def _by_standing(standings: Counter[str]) -> str:
    listed = ", ".join(f"{number} {standing}" for standing, number in standings.most_common())
    return f": {listed}" if listed else ""
