"""`vmuster quarantine`: when the database is older than the hosts, and the way out of that."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from vmuster.cli.asking.completing import complete_host
from vmuster.cli.asking.confirming import confirm, yes_option
from vmuster.cli.asking.progressing import progress
from vmuster.cli.asking.speaking import Server, changes, connected, speaks
from vmuster.cli.printing.forms import Output, print_told
from vmuster.cli.printing.moments import at
from vmuster.model.text import counted, visible

Fields = Mapping[str, Any]
_LISTED_MAX: Final = 20
"""Things of each kind that are named; `-o json` has them all."""
_AFTER: Final = (
    "what to do: look whether a newer backup of the database exists; if so, stop the server and",
    "restore it. If this one is the best there is: 'vmuster quarantine leave', then adopt the",
    "orphans that are yours ('vmuster vm adopt'), look at each policy, look with 'vmuster plan' at",
    "what would be done, and then arm automation with 'vmuster arm'.",
)


@click.group("quarantine", short_help="When the database is older than its hosts.")
def quarantine() -> None:
    """Quarantine: the database is older than its hosts, perhaps restored from a backup.

    Then nothing is sent to any host and no request is taken, until a person has looked.

    \b
    Examples:
      vmuster quarantine show
      vmuster quarantine leave
    """


@quarantine.command("show")
@speaks
def show(server: Server, out: Output) -> None:
    """Show what was seen that is newer than the database, and what leaving would close.

    \b
    Examples:
      vmuster quarantine show
    """
    with connected(server) as client:
        _print(client.quarantine(), out)


@quarantine.command("leave")
@click.option(
    "--without",
    metavar="HOST",
    multiple=True,
    shell_complete=complete_host,
    help="Do not wait for this host's account. May be said several times.",
)
@yes_option
@changes
def leave(without: tuple[str, ...], yes: bool, server: Server, out: Output) -> None:
    """Go on with this database: what it still wanted is closed, no VM is started or stopped, and
    automation stays disarmed until 'vmuster arm'.

    Every host that is heard of must have given an account first, or be named by --without.

    \b
    Examples:
      vmuster quarantine leave --yes
      vmuster quarantine leave --without alpha --without beta
    """
    with connected(server) as client:
        before = client.quarantine()
        if before["quarantine"] is None:
            _print(before, out)
            return
        confirm(f"What the database forgot is given up: {_closed(before)}.", yes=yes)
        with progress("leaving the quarantine", 1):
            after = client.leave_quarantine(without=without)
        if out.for_people:
            for line in left(before):
                click.echo(visible(line))
        else:
            _print(after, out)


def left(before: Fields) -> Iterator[str]:
    """What leaving the quarantine `before` has done, and what comes next."""
    yield f"The quarantine is left: {_closed(before)}. Automation is disarmed."
    yield ""
    yield "What comes next:"
    if before["orphans"]:
        yield "  vmuster vm list --standing orphan   which of them are yours? 'vmuster vm adopt'"
    yield "  vmuster cluster list                are these the policies that you want?"
    yield "  vmuster plan                        what vmuster would do by itself"
    yield "  vmuster arm                         let it"


def _closed(view: Fields) -> str:
    """What leaving closes, counted."""
    requests, orders = len(view["operations"]), len(view["commands"])
    orphans = counted(len(view["orphans"]), "VM")
    return (
        f"{counted(requests, 'request')} and {counted(orders, 'order')} of back then are closed,"
        f" {orphans} that it does not know are orphans"
    )


def _print(view: dict[str, Any], out: Output) -> None:
    name = "quarantine" if view["quarantine"] else "none"
    print_told(view, out, names=[name], told=lambda: lines(view))


def lines(view: Fields) -> Iterator[str]:
    """The quarantine, line by line."""
    quarantine: Fields | None = view["quarantine"]
    if quarantine is None:
        yield "The fleet is in no quarantine."
        return
    yield f"QUARANTINE since {at(quarantine['since'])}: the database is older than its hosts."
    yield from _section("What was seen first; the journal has all of it", quarantine["evidence"])
    yield from _section("Hosts whose account is waited for", view["waited_for"])
    yield from _section("VMs of ours that the database does not know", map(_vm, view["orphans"]))
    yield from _section("VMs of ours that no host shows", map(_vm, view["missing"]))
    yield from _section("Requests that will be closed", map(_operation, view["operations"]))
    yield from _section("Orders that will be closed", map(_command, view["commands"]))
    yield from _section("Policies and grants of back then", map(_cluster, view["clusters"]))
    yield ""
    yield from _AFTER


def _section(heading: str, said: Any) -> Iterator[str]:
    listed = list(said)
    if not listed:
        return
    yield ""
    yield f"{heading} ({len(listed)}):"
    yield from (f"  {line}" for line in listed[:_LISTED_MAX])
    if len(listed) > _LISTED_MAX:
        yield f"  and {len(listed) - _LISTED_MAX} more"


def _vm(vm: Fields) -> str:
    return f"{vm['name']}  {vm['uuid']}  on {vm['host'] or 'no host'}: {vm['why']}"


def _operation(operation: Fields) -> str:
    asked = f"by {operation['actor']}, {at(operation['created_at'])}"
    return f"{operation['kind']} {operation['name']}, {asked}"


def _command(sent: Fields) -> str:
    return f"{sent['command']['command']} for {sent['vm']}, {at(sent['created_at'])}"


def _cluster(cluster: Fields) -> str:
    policy, grant = cluster["policy"], cluster["grant"]
    by_name = f", stops by name granted by {grant['granted_by']}" if grant else ""
    chosen = ", ".join(f"{name}={policy[name]}" for name in ("unknown_vms", "drift", "restart"))
    return f"{cluster['name']}: {chosen}{by_name}"
