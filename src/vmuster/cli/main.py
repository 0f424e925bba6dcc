"""The commands, put together."""

import sys
from io import TextIOWrapper
from typing import Final

import click

from vmuster.cli.commands.api_keys import api_key
from vmuster.cli.commands.automation import arm, disarm
from vmuster.cli.commands.backup import backup
from vmuster.cli.commands.clusters import cluster
from vmuster.cli.commands.completion import completion
from vmuster.cli.commands.contexts import context
from vmuster.cli.commands.credentials import credential
from vmuster.cli.commands.doctor import doctor
from vmuster.cli.commands.explain import explain
from vmuster.cli.commands.fleet import fleet
from vmuster.cli.commands.hosts import host
from vmuster.cli.commands.journal import journal
from vmuster.cli.commands.keys import key_
from vmuster.cli.commands.operations import operation
from vmuster.cli.commands.plans import plan
from vmuster.cli.commands.quarantine import quarantine
from vmuster.cli.commands.raw import api
from vmuster.cli.commands.recordings import record
from vmuster.cli.commands.replay import replay
from vmuster.cli.commands.restore import restore
from vmuster.cli.commands.rules import rule
from vmuster.cli.commands.serve import serve
from vmuster.cli.commands.sim import sim
from vmuster.cli.commands.status import status
from vmuster.cli.commands.version import version
from vmuster.cli.commands.vms import vm
from vmuster.cli.commands.webhooks import webhook
from vmuster.cli.grouping import INTERRUPTED, Commands

_COMMANDS: Final = {
    "Look": (
        status,
        vm,
        plan,
        journal,
        operation,
        explain,
        rule,
    ),
    "Act": (
        arm,
        disarm,
        quarantine,
    ),
    "Fleet": (
        fleet,
        cluster,
        host,
        credential,
        api_key,
        key_,
        webhook,
    ),
    "Server and command line": (
        serve,
        doctor,
        backup,
        restore,
        context,
        completion,
        api,
        record,
        replay,
        sim,
        version,
    ),
}


@click.group(
    "vmuster",
    cls=Commands,
    sections={
        heading: [str(command.name) for command in commands]
        for heading, commands in _COMMANDS.items()
    },
    context_settings={"help_option_names": ["-h", "--help"]},
)
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


for section in _COMMANDS.values():
    for command in section:
        cli.put(command)


def main() -> None:
    """The entry point of `vmuster`. What a stream has no character for is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        cli(prog_name="vmuster")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
