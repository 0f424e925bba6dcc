"""`vmuster vm`: VMs, ours or not; why they are as they are; and a person's requests."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from vmuster.cli.columns import VM, VMS
from vmuster.cli.completing import complete_host, complete_vm
from vmuster.cli.confirming import confirm, yes_option
from vmuster.cli.explaining import explain as explained
from vmuster.cli.printing import Form, Output, print_item, print_items, print_json
from vmuster.cli.speaking import Server, connected, fresh_key, not_empty, speaks, words
from vmuster.cli.waiting import see_through
from vmuster.model.states import Standing
from vmuster.model.text import visible

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


def _about_a_vm(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """A command about one VM: `vm`, and `host` where two hosts have a VM of this name."""
    vm_argument = click.argument("vm", metavar="VM", shell_complete=complete_vm)
    host = click.option(
        "--host",
        default="",
        callback=not_empty,
        shell_complete=complete_host,
        help="Where it is, if several hosts have a VM of this name or uuid.",
    )
    return vm_argument(host(speaks(command)))


def _requests(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """A command that asks for an act on a VM and waits for it."""
    wait = click.option("--wait/--no-wait", default=True, help="Whether to wait for its end.")
    return _about_a_vm(wait(command))


@vm.command("list")
@click.option(
    "--host",
    default="",
    callback=not_empty,
    shell_complete=complete_host,
    help="Only on this host.",
)
@click.option("--standing", type=click.Choice(words(Standing)), help="Only what stands so to us.")
@speaks
def list_(host: str, standing: str | None, server: Server, out: Output) -> None:
    """List VMs: all of them, or some.

    \b
    Examples:
      vmuster vm list --standing orphan
      vmuster vm list --host alpha -o name
    """
    with connected(server) as client:
        print_items(client.vms(host=host, standing=standing or ""), VMS, out)


@vm.command("show")
@_about_a_vm
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
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=200, show_default=True)
@_about_a_vm
def explain(vm: str, host: str, limit: int, server: Server, out: Output) -> None:
    """Say what a VM is to us and why, and why it was stopped, if it was.

    VMs that are gone are explained too.

    \b
    Examples:
      vmuster vm explain "Windows 7 (32-bit) (1)"
    """
    with connected(server) as client:
        explanation = client.explanation(vm, host=host, limit=limit)
        match out.form:
            case Form.JSON:
                print_json(explanation)
            case Form.NAME:
                click.echo(explanation["uuid"])
            case Form.TABLE:
                hosts = {host["id"]: host["name"] for host in client.hosts()}
                for line in explained(explanation, hosts):
                    click.echo(visible(line))


@vm.command("adopt")
@click.option("--name", default="", help="Its name in our records. [default: as on its host]")
@_requests
def adopt(vm: str, host: str, name: str, wait: bool, server: Server, out: Output) -> None:
    """Take a VM into our records and mark it; nothing else about it changes.

    \b
    Examples:
      vmuster vm adopt i-2-78-VM
      vmuster vm adopt web --host alpha --name web-01
    """
    with connected(server) as client:
        asked = client.adopt(vm, host=host, name=name, key=fresh_key())
        see_through(client, asked, wait=wait, out=out)


@vm.command("release")
@_requests
def release(vm: str, host: str, wait: bool, server: Server, out: Output) -> None:
    """Let a VM go: it runs on, without our mark and without our record.

    \b
    Examples:
      vmuster vm release web-01
    """
    with connected(server) as client:
        asked = client.release(vm, host=host, key=fresh_key())
        see_through(client, asked, wait=wait, out=out)


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
@_requests
def forget(vm: str, host: str, on: str, wait: bool, yes: bool, server: Server, out: Output) -> None:
    """Let go of the record of a VM that is gone, or that another fleet has taken over.

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
@_requests
def start(vm: str, host: str, wait: bool, server: Server, out: Output) -> None:
    """Start a VM of ours.

    \b
    Examples:
      vmuster vm start web-01
    """
    with connected(server) as client:
        asked = client.start(vm, host=host, key=fresh_key())
        see_through(client, asked, wait=wait, out=out)


@vm.command("stop")
@click.option("--force", is_flag=True, help="Pull the plug; do not ask the guest.")
@_requests
def stop(vm: str, host: str, force: bool, wait: bool, server: Server, out: Output) -> None:
    """Stop a VM of ours: its guest is asked to shut down.

    A guest that has not obeyed within its cluster's stop_grace_seconds is ended by force.

    \b
    Examples:
      vmuster vm stop web-01
      vmuster vm stop web-01 --force --no-wait
    """
    with connected(server) as client:
        asked = client.stop(vm, host=host, force=force, key=fresh_key())
        see_through(client, asked, wait=wait, out=out)
