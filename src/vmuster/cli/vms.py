"""`vmuster vm`: VMs, ours or not; why they are as they are; and a person's requests."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from vmuster.cli.columns import VM, VMS
from vmuster.cli.explaining import explain as explained
from vmuster.cli.printing import Form, print_item, print_items, print_json
from vmuster.cli.speaking import connected, speaks, words
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


def _requests(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """A command that asks for an act on a VM and waits for it."""
    vm_argument = click.argument("vm", metavar="VM")
    wait = click.option("--wait/--no-wait", default=True, help="Whether to wait for its end.")
    return vm_argument(wait(speaks(command)))


@vm.command("list")
@click.option("--host", default="", help="Only on this host.")
@click.option("--standing", type=click.Choice(words(Standing)), help="Only what stands so to us.")
@speaks
def list_(host: str, standing: str | None, url: str, key: str, form: Form) -> None:
    """List VMs: all of them, or some."""
    with connected(url, key) as client:
        print_items(client.vms(host=host, standing=standing or ""), VMS, form)


@vm.command("show")
@click.argument("vm", metavar="VM")
@speaks
def show(vm: str, url: str, key: str, form: Form) -> None:
    """Show one VM."""
    with connected(url, key) as client:
        print_item(client.vm(vm), VM, form)


@vm.command("explain")
@click.argument("vm", metavar="VM")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=200, show_default=True)
@speaks
def explain(vm: str, limit: int, url: str, key: str, form: Form) -> None:
    """Say what a VM is to us and why, and why it was stopped, if it was.

    VMs that are gone are explained too.
    """
    with connected(url, key) as client:
        explanation = client.explanation(vm, limit=limit)
        match form:
            case Form.JSON:
                print_json(explanation)
            case Form.NAME:
                click.echo(explanation["uuid"])
            case Form.TABLE:
                hosts = {host["id"]: host["name"] for host in client.hosts()}
                for line in explained(explanation, hosts):
                    click.echo(visible(line))


@vm.command("adopt")
@click.option("--host", default="", help="Where it is, if the uuid was seen on several hosts.")
@click.option("--name", default="", help="Its name in our records. [default: as on its host]")
@_requests
def adopt(vm: str, host: str, name: str, wait: bool, url: str, key: str, form: Form) -> None:
    """Take a VM into our records and mark it; nothing else about it changes."""
    with connected(url, key) as client:
        see_through(client, client.adopt(vm, host=host, name=name), wait=wait, form=form)


@vm.command("release")
@_requests
def release(vm: str, wait: bool, url: str, key: str, form: Form) -> None:
    """Let a VM go: it runs on, without our mark and without our record."""
    with connected(url, key) as client:
        see_through(client, client.release(vm), wait=wait, form=form)


@vm.command("start")
@_requests
def start(vm: str, wait: bool, url: str, key: str, form: Form) -> None:
    """Start a VM of ours."""
    with connected(url, key) as client:
        see_through(client, client.start(vm), wait=wait, form=form)


@vm.command("stop")
@click.option("--force", is_flag=True, help="Pull the plug; do not ask the guest.")
@_requests
def stop(vm: str, force: bool, wait: bool, url: str, key: str, form: Form) -> None:
    """Stop a VM of ours: its guest is asked to shut down.

    A guest that has not obeyed within its cluster's stop_grace_seconds is ended by force.
    """
    with connected(url, key) as client:
        see_through(client, client.stop(vm, force=force), wait=wait, form=form)
