"""The commands, put together."""

import sys
from io import TextIOWrapper

import click

from vmuster.cli.automation import arm, disarm
from vmuster.cli.clusters import cluster
from vmuster.cli.completion import completion
from vmuster.cli.credentials import credential
from vmuster.cli.fleet import fleet
from vmuster.cli.hosts import host
from vmuster.cli.journal import journal
from vmuster.cli.keys import key_
from vmuster.cli.operations import operation
from vmuster.cli.plans import plan
from vmuster.cli.printing import Form, Output, print_json
from vmuster.cli.quarantine import quarantine
from vmuster.cli.replay import replay
from vmuster.cli.serve import serve
from vmuster.cli.speaking import prints
from vmuster.cli.status import status
from vmuster.cli.vms import vm

_COMMANDS = (
    status,
    host,
    cluster,
    fleet,
    vm,
    plan,
    arm,
    disarm,
    operation,
    journal,
    credential,
    key_,
    quarantine,
    replay,
    serve,
    completion,
)


@click.group("vmuster", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vmuster", prog_name="vmuster")
def cli() -> None:
    """A roll call for VM fleets: records and hypervisors in agreement, and no VM stopped that is
    not provably ours.

    \b
    Examples:
      vmuster serve
      vmuster host add alpha --local
      vmuster status
      vmuster vm list
      vmuster vm explain i-2-78-VM
    """


@cli.command("version")
@prints
def version(out: Output) -> None:
    """Print the version."""
    from importlib.metadata import version as version_of

    number = version_of("vmuster")
    if out.form is Form.JSON:
        print_json({"version": number})
    else:
        click.echo(number)


for command in _COMMANDS:
    cli.add_command(command)


def main() -> None:
    """The entry point of `vmuster`. What a stream has no character for is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="vmuster")
