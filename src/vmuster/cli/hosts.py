"""`vmuster host`: the hosts, and what may be done on them."""

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import click

from vmuster.cli.columns import HOSTS
from vmuster.cli.printing import Form, print_item, print_items
from vmuster.cli.speaking import Failed, connected, speaks, words
from vmuster.cli.waiting import tell
from vmuster.model.states import HostMode
from vmuster.model.text import visible

if TYPE_CHECKING:
    from vmuster.client.rest import Client

_ACCOUNT_SECONDS: Final = 15.0
PROMISE: Final = "OBSERVE: vmuster will not start, stop, change or delete anything on this host."


@click.group("host")
def host() -> None:
    """Hosts: add them, list them, say what may be done on them.

    \b
    Examples:
      vmuster host add alpha --local
      vmuster host mode alpha manage
    """


@host.command("add")
@click.argument("name")
@click.option("--local", is_flag=True, help="The hypervisor on the server's own machine.")
@click.option("--session", is_flag=True, help="With --local: the server user's own hypervisor.")
@click.option("--loopback", type=click.IntRange(1, 65535), metavar="PORT", help="For demos.")
@click.option("--cluster", default="default", show_default=True)
@speaks
def add(
    name: str,
    local: bool,
    session: bool,
    loopback: int | None,
    cluster: str,
    url: str,
    key: str,
    form: Form,
) -> None:
    """Add a host, only to look at it, and say what is there.

    \b
    Examples:
      vmuster host add alpha --local
      vmuster host add mine --local --session
    """
    if local == (loopback is not None) or (session and not local):
        raise click.UsageError("say --local (perhaps with --session), or --loopback PORT")
    profile: dict[str, Any] = (
        {"kind": "local", "scope": "session" if session else "system"}
        if loopback is None
        else {"kind": "loopback", "port": loopback}
    )
    with connected(url, key) as client:
        added = client.add_host(name, profile, cluster=cluster)
        tell(f"host {name} is added; waiting for its first account")
        seen = client.host(added["id"], wait_seconds=_ACCOUNT_SECONDS)
        _print_added(client, seen, form)


@host.command("list")
@speaks
def list_(url: str, key: str, form: Form) -> None:
    """List the hosts."""
    with connected(url, key) as client:
        print_items(client.hosts(), HOSTS, form)


@host.command("show")
@click.argument("name")
@speaks
def show(name: str, url: str, key: str, form: Form) -> None:
    """Show one host."""
    with connected(url, key) as client:
        print_item(client.host(name), HOSTS, form)


@host.command("mode")
@click.argument("name")
@click.argument("mode", type=click.Choice(words(HostMode)))
@speaks
def mode(name: str, mode: str, url: str, key: str, form: Form) -> None:
    """Say what may be done on a host.

    \b
    observe      look only; the connection itself is read-only
    manage       everything
    cordoned     nothing new, nothing automatic
    maintenance  stop and release only, nothing automatic
    """
    with connected(url, key) as client:
        print_item(client.set_mode(name, mode), HOSTS, form)


def _print_added(client: "Client", seen: dict[str, Any], form: Form) -> None:
    """The new host: what is on it, and the promise that nothing is done to that."""
    accounted = seen["last_complete_at"] is not None
    vms = client.vms(host=seen["id"]) if accounted else []
    standings = Counter(str(vm["standing"] or vm["finding"]) for vm in vms)
    if form is not Form.TABLE:
        print_item({**seen, "standings": standings}, HOSTS, form)
        click.echo(PROMISE, err=True)
    else:
        click.echo(f"host {visible(seen['name'])} is added.")
        if accounted:
            click.echo(f"It has {_counted(len(vms))}{_by_standing(standings)}.")
        click.echo(PROMISE)
    if not accounted:
        _warn(seen)


def _counted(number: int) -> str:
    return "1 VM" if number == 1 else f"{number or 'no'} VMs"


def _by_standing(standings: Counter[str]) -> str:
    listed = ", ".join(f"{number} {standing}" for standing, number in standings.most_common())
    return f": {listed}" if listed else ""


def _warn(seen: dict[str, Any]) -> None:
    """The host is added, and that is what was asked for; but nothing was heard of it."""
    why = seen["trouble"] or f"no account within {_ACCOUNT_SECONDS:.0f} s"
    Failed(
        f"host {seen['name']} has not said what is on it yet: {why}",
        hint=f"vmuster keeps trying; look again with 'vmuster host show {seen['name']}'",
    ).show()
