"""`vmuster host`: the hosts, what may be done on them, and who they are."""

from typing import TYPE_CHECKING, Any

import click

from vmuster.cli.asking import selecting
from vmuster.cli.asking.completing import complete_host
from vmuster.cli.asking.confirming import confirm, yes_option
from vmuster.cli.asking.foreseeing import confirm_mode
from vmuster.cli.asking.selecting import selects
from vmuster.cli.asking.speaking import Server, changes, connected, speaks, words
from vmuster.cli.asking.waiting import see_all_through, tell
from vmuster.cli.commands.additions import add
from vmuster.cli.commands.host_editing import set_
from vmuster.cli.printing.columns import HOST, HOSTS
from vmuster.cli.printing.forms import Output, print_done, print_item, print_items
from vmuster.cli.printing.listing import lists
from vmuster.model.states import HostMode
from vmuster.model.text import counted, visible

if TYPE_CHECKING:
    from vmuster.client.rest import Client


@click.group("host")
def host() -> None:
    """Hosts: add them, list them, say what may be done on them.

    \b
    Examples:
      vmuster host add alpha --local
      vmuster host mode alpha manage
      vmuster host remove alpha --release
    """


host.add_command(add)
host.add_command(set_)


@host.command("list")
@selects(selecting.HOSTS)
@lists
def list_(chosen: dict[str, Any], server: Server, out: Output) -> None:
    """List the hosts, with their health and since when it is so.

    \b
    Examples:
      vmuster host list
      vmuster host list --mode observe -o name
    """
    with connected(server) as client:
        print_items(client.hosts(**chosen), HOSTS, out)


@host.command("show")
@click.argument("name", shell_complete=complete_host)
@speaks
def show(name: str, server: Server, out: Output) -> None:
    """Show one host: how it is reached, who it is, how it has been.

    \b
    Examples:
      vmuster host show alpha
    """
    with connected(server) as client:
        print_item(client.host(name), HOST, out)


@host.command("mode")
@click.argument("name", shell_complete=complete_host)
@click.argument("mode", type=click.Choice(words(HostMode)))
@click.option("--shared", is_flag=True, help="I know that another fleet marks VMs there too.")
@yes_option
@changes
def mode(name: str, mode: str, shared: bool, yes: bool, server: Server, out: Output) -> None:
    """Say what may be done on a host.

    Where its cluster's policy lets vmuster act by itself, 'manage' shows first what the next pass
    would do, and asks.

    \b
    observe      look only; the connection itself is read-only
    manage       everything
    cordoned     nothing new, nothing automatic
    maintenance  stop and release only, nothing automatic

    \b
    Examples:
      vmuster host mode alpha manage
      vmuster plan --host alpha --mode manage     # first look what that would do
    """
    with connected(server) as client:
        before = client.host(name)
        confirm_mode(client, before, mode, yes=yes)
        after = client.set_mode(name, mode, shared=shared)
        print_done(after, HOST, out, f"host {after['name']}: {before['mode']} → {after['mode']}")


@host.command("accept")
@click.argument("name", shell_complete=complete_host)
@click.option("--uuid", type=click.UUID, required=True, help="The one that it claims, as shown.")
@yes_option
@changes
def accept(name: str, uuid: object, yes: bool, server: Server, out: Output) -> None:
    """Accept that a host is the one that it says it is, where that was refused.

    That is so after its machine was replaced or installed anew, or where its uuid is one of those
    that many machines share. 'vmuster host show' says which uuid it claims.

    \b
    Examples:
      vmuster host accept alpha --uuid 4c4c4544-0051-3510-8052-b4c04f4a3132
    """
    confirm(f"Host {name} will be taken for the machine {uuid}.", yes=yes)
    with connected(server) as client:
        print_item(client.accept_host(name, str(uuid)), HOST, out)


@host.command("remove")
@click.argument("name", shell_complete=complete_host)
@click.option("--release", is_flag=True, help="Let its VMs of ours go first, unharmed.")
@click.option(
    "--forget",
    is_flag=True,
    help="Drop the records of its VMs, where it is not heard of any more; our marks stay in them.",
)
@click.option(
    "--dead",
    is_flag=True,
    help="Its machine is off for good: no VM of ours runs there any more.",
)
@yes_option
@changes
def remove(
    name: str, release: bool, forget: bool, dead: bool, yes: bool, server: Server, out: Output
) -> None:
    """Remove a host. It stays as it is: no VM is stopped, changed or deleted.

    A host with VMs of ours is not removed, unless they are released or (a silent one) forgotten.
    Where some may still run there, as far as is known, it takes a person's word that it is dead:
    they may be started elsewhere afterwards.

    \b
    Examples:
      vmuster host remove alpha
      vmuster host remove alpha --release --yes
      vmuster host remove alpha --forget --dead
    """
    if release and (forget or dead):
        raise click.UsageError("say --release, or --forget and --dead; not both")
    with connected(server) as client:
        found = client.host(name)
        confirm(_warning(found["name"], release=release, forget=forget, dead=dead), yes=yes)
        if release:
            operations = _released(client, found)
            tell(f"{counted(len(operations), 'VM')} of ours to be let go")
            see_all_through(client, operations)
        removed = client.remove_host(found["id"], forget=forget, dead=dead)
        if out.for_people:
            click.echo(f"host {visible(removed['name'])} is removed; {_done(release, forget)}.")
        else:
            print_item(removed, HOST, out)


def _released(client: "Client", host: dict[str, Any]) -> list[dict[str, Any]]:
    """The operations that let the VMs of ours on a host go. Where that is only rehearsed, the
    rehearsal says what comes after it; where there is nothing to let go, it ends here."""
    from vmuster.client.errors import Rehearsed

    try:
        return client.release_host(host["id"])
    except Rehearsed as rehearsed:
        operations = rehearsed.document["answer"]["items"]
        if not operations:
            return []
        then = f"then, with {counted(len(operations), 'VM')} of ours let go:"
        removed = f"host {host['name']}: dropped, with what was seen there"
        raise Rehearsed({**rehearsed.document, "then": [f"{then} {removed}"]}) from None


def _done(release: bool, forget: bool) -> str:
    """What became of its VMs."""
    if release:
        return "our marks were taken out of its VMs, and nothing else was changed on it"
    if forget:
        return "the records of its VMs are dropped; nothing was changed on it, our marks stay"
    return "nothing was changed on it"


def _warning(name: str, *, release: bool, forget: bool, dead: bool) -> str:
    what = f"Host {name} will be removed"
    if dead:
        what = (
            f"Host {name} is taken for dead, so that its VMs may run elsewhere; it will be removed"
        )
    if release:
        return f"{what}, and every VM of ours on it let go: our marks are taken out of them."
    if forget:
        return f"{what}, and the records of its VMs dropped; our marks stay in them."
    return f"{what}."
