"""`vmuster vm`: VMs, ours or not; why they are as they are; and a person's requests."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import click

from vmuster.cli.asking import selecting
from vmuster.cli.asking.acting import AT_ONCE_MAX, Meant, act, confirm_many
from vmuster.cli.asking.completing import complete_host, complete_vm
from vmuster.cli.asking.confirming import can_ask, confirm, yes_option
from vmuster.cli.asking.selecting import selects
from vmuster.cli.asking.speaking import (
    Failed,
    Server,
    changes,
    connected,
    fresh_key,
    not_empty,
    speaks,
)
from vmuster.cli.asking.waiting import see_through
from vmuster.cli.asking.watching import watches
from vmuster.cli.commands.explain import limit_option, print_story, why_option
from vmuster.cli.printing.columns import VM, VMS
from vmuster.cli.printing.forms import Output, print_item, print_items
from vmuster.cli.printing.listing import lists
from vmuster.model.states import Standing

if TYPE_CHECKING:
    from vmuster.client.rest import Answer, Client

_ADOPTABLE: Final = [Standing.LOOKALIKE.value, Standing.ORPHAN.value, Standing.ALIEN.value]
_P = ParamSpec("_P")
_R = TypeVar("_R")


@click.group("vm")
def vm() -> None:
    """VMs: all that were seen, ours or not. VM is a name or a uuid.

    \b
    Examples:
      vmuster vm list --standing alien
      vmuster vm explain "Windows 7 (32-bit) (1)"
      vmuster vm adopt i-2-78-VM
    """


def _where(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """`host`: where two hosts have a VM of this name."""
    return click.option(
        "--host",
        default="",
        callback=not_empty,
        shell_complete=complete_host,
        help="Where it is, if several hosts have a VM of this name or uuid.",
    )(command)


def _about_a_vm(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """A command about one VM: `vm`, and `host`."""
    return click.argument("vm", metavar="VM", shell_complete=complete_vm)(_where(command))


def _requests(command: Callable[_P, _R]) -> Callable[_P, _R | None]:
    """A command that asks for an act and waits for it; `server` and `out` as for `changes`."""
    wait = click.option("--wait/--no-wait", default=True, help="Whether to wait for its end.")
    return wait(changes(command))


def _about_vms(command: Callable[_P, _R]) -> Callable[_P, _R | None]:
    """A command that asks for an act on each of several VMs: `vms`, `host`, `yes` and `wait`."""
    vms = click.argument("vms", nargs=-1, metavar="VM...", shell_complete=complete_vm)
    return vms(_where(yes_option(_requests(command))))


def _meant(vms: Sequence[str], host: str) -> list[Meant]:
    """The VMs as they were typed."""
    if not vms:
        raise click.UsageError("say which VM, or several")
    return [Meant(name=vm, reference=vm, host=host) for vm in vms]


@vm.command("list")
@selects(selecting.VMS)
@lists
def list_(chosen: dict[str, Any], server: Server, out: Output) -> None:
    """List VMs by name: all of them, or some.

    \b
    Examples:
      vmuster vm list --standing orphan
      vmuster vm list --host alpha -o name
    """
    with connected(server) as client:
        print_items(client.vms(**chosen), VMS, out)


@vm.command("show")
@_about_a_vm
@watches
def show(vm: str, host: str, server: Server, out: Output) -> None:
    """Show one VM.

    \b
    Examples:
      vmuster vm show web-01
      vmuster vm show web-01 --host alpha -o json
    """
    with connected(server) as client:
        print_item(client.vm(vm, host=host), VM, out)


@vm.command("explain")
@limit_option
@why_option
@_about_a_vm
@speaks
def explain(vm: str, host: str, limit: int, short: bool, server: Server, out: Output) -> None:
    """Say what a VM is to us and why, and why it was stopped, if it was.

    VMs that are gone are explained too. For an operation, a command, a held plan or a journal
    entry: 'vmuster explain'.

    \b
    Examples:
      vmuster vm explain "Windows 7 (32-bit) (1)"
      vmuster vm explain web-01 --why
    """
    with connected(server) as client:
        explanation = client.explanation(vm, host=host, limit=limit)
        print_story(explanation, explanation["story"], out, short=short)


@vm.command("adopt")
@click.option("--name", default="", help="Its name in our records. [default: as on its host]")
@click.option("--all", "all_", is_flag=True, help="All that have this --standing.")
@click.option("--standing", type=click.Choice(_ADOPTABLE), help="With --all: which ones.")
@_about_vms
def adopt(
    vms: tuple[str, ...],
    host: str,
    name: str,
    all_: bool,
    standing: str | None,
    yes: bool,
    wait: bool,
    server: Server,
    out: Output,
) -> None:
    """Take VMs into our records and mark them; nothing else about them changes.

    With --all their names are shown first, and you are asked.

    \b
    Examples:
      vmuster vm adopt i-2-78-VM
      vmuster vm adopt web --host alpha --name web-01
      vmuster vm adopt --all --host alpha --standing lookalike --dry-run
    """
    if all_ != bool(standing) or all_ == bool(vms):
        raise click.UsageError("say which VM, or several; or --all with --standing")
    if name and len(vms) != 1:
        raise click.UsageError("--name is for one VM")
    with connected(server) as client:
        meant = _standing_so(client, standing, host) if standing else _meant(vms, host)
        confirm_many("adopt", meant, yes=yes, always=all_)

        def ask(vm: Meant) -> "Answer":
            return client.adopt(vm.reference, host=vm.host, name=name, key=fresh_key())

        act(client, "adopt", meant, ask, wait=wait, out=out, many=all_)


def _standing_so(client: "Client", standing: str, host: str) -> list[Meant]:
    """All VMs that stand so to us, or those of a host."""
    found = client.vms(host=host, standing=standing)
    if not found:
        where = f" on host {host}" if host else ""
        raise Failed(f"no VM is {standing}{where}", hint="vmuster vm list")
    return [Meant(name=vm["name"], reference=vm["uuid"], host=vm["host"] or "") for vm in found]


@vm.command("release")
@_about_vms
def release(
    vms: tuple[str, ...], host: str, yes: bool, wait: bool, server: Server, out: Output
) -> None:
    """Let VMs go: they run on, without our mark and without our record.

    \b
    Examples:
      vmuster vm release web-01
      vmuster vm release web-01 web-02 web-03
    """
    meant = _meant(vms, host)
    confirm_many("release", meant, yes=yes)
    with connected(server) as client:

        def ask(vm: Meant) -> "Answer":
            return client.release(vm.reference, host=vm.host, key=fresh_key())

        act(client, "release", meant, ask, wait=wait, out=out)


@vm.command("forget")
@click.option(
    "--on",
    metavar="HOST",
    default="",
    callback=not_empty,
    shell_complete=complete_host,
    help="Only say that no copy of it is left on this host.",
)
@yes_option
@_about_a_vm
@_requests
def forget(vm: str, host: str, on: str, wait: bool, yes: bool, server: Server, out: Output) -> None:
    """Let go of the record of a VM that is gone, that another fleet has taken over, or that is on
    its host without any mark.

    No VM changes. One that is there with our mark is released instead: 'vmuster vm release'.

    With --on its record stays: where a host lost a VM, and nobody else can confirm that no process
    of it is left there, it is started on no other host until you say so.

    \b
    Examples:
      vmuster vm forget web-01 --yes
      vmuster vm forget web-01 --on beta
    """
    dropped = f"The record of {vm} will be dropped; if it runs somewhere, it is ours no more."
    left = f"{vm} may be started elsewhere then; if it still runs on {on}, it runs twice."
    confirm(left if on else dropped, yes=yes)
    with connected(server) as client:
        asked = client.forget(vm, host=host, on=on, key=fresh_key())
        see_through(client, asked, wait=wait, out=out)


@vm.command("start")
@_about_vms
def start(
    vms: tuple[str, ...], host: str, yes: bool, wait: bool, server: Server, out: Output
) -> None:
    """Start VMs of ours.

    \b
    Examples:
      vmuster vm start web-01
      vmuster vm start web-01 web-02 --no-wait
    """
    meant = _meant(vms, host)
    confirm_many("start", meant, yes=yes)
    with connected(server) as client:

        def ask(vm: Meant) -> "Answer":
            return client.start(vm.reference, host=vm.host, key=fresh_key())

        act(client, "start", meant, ask, wait=wait, out=out)


@vm.command("stop")
@click.option("--force", is_flag=True, help="Pull the plug; the guest is not asked.")
@_about_vms
def stop(
    vms: tuple[str, ...],
    host: str,
    force: bool,
    yes: bool,
    wait: bool,
    server: Server,
    out: Output,
) -> None:
    """Stop VMs of ours: their guests are asked to shut down.

    A guest that has not obeyed within its cluster's stop_grace_seconds is ended by force. With
    --force you are asked first on a terminal; a script is asked only about many.

    \b
    Examples:
      vmuster vm stop web-01
      vmuster vm stop web-01 --force --no-wait
    """
    meant = _meant(vms, host)
    confirm_many("stop", meant, yes=yes)
    if force and len(meant) <= AT_ONCE_MAX and can_ask():
        named = ", ".join(vm.name for vm in meant)
        confirm(f"{named} will be ended at once, as by pulling the plug.", yes=yes)
    with connected(server) as client:

        def ask(vm: Meant) -> "Answer":
            return client.stop(vm.reference, host=vm.host, force=force, key=fresh_key())

        act(client, "stop", meant, ask, wait=wait, out=out)
