"""`vmuster journal verify` and `vmuster journal head`: whether the journal can be believed."""

import re
from collections.abc import Iterator
from typing import Any, Final

import click

from vmuster.cli.asking.speaking import Failed, Server, connected, speaks
from vmuster.cli.printing.forms import Output, print_told
from vmuster.cli.printing.moments import at

_ANCHOR: Final = re.compile(r"[0-9]{1,15}:[0-9a-f]{64}")


def _anchor(context: click.Context, parameter: click.Parameter, told: str) -> str:
    if told and not _ANCHOR.fullmatch(told):
        raise click.BadParameter("it is not of the form ID:HASH", ctx=context, param=parameter)
    return told


@click.command("head")
@speaks
def head(server: Server, out: Output) -> None:
    """Print the anchor of the journal, to be written down where nobody else can write.

    \b
    Examples:
      vmuster journal head -o name
    """
    with connected(server) as client:
        found = client.journal_head()
        print_told(found, out, names=[found["anchor"]], told=lambda: _head(found))


@click.command("verify")
@click.option(
    "--anchor",
    default="",
    metavar="ID:HASH",
    callback=_anchor,
    help="An entry and its hash, as they were written down: see 'vmuster journal head'.",
)
@speaks
def verify(anchor: str, server: Server, out: Output) -> None:
    """Say whether the journal is as it was written: nothing changed, removed or slipped in.

    Whoever can write to the database can write another journal that hangs together; only an anchor
    that was written down elsewhere tells it from this one. Exit status 1 where it is not sound.

    \b
    Examples:
      vmuster journal verify
      vmuster journal verify --anchor "$(cat anchor.txt)"
    """
    with connected(server) as client:
        found: dict[str, Any] = {}
        for found in client.verification(anchor=anchor):
            if found["next"]:
                click.echo(f"{found['entries']} entries read", err=True)
    print_told(found, out, names=[str(found["head"])], told=lambda: _verdict(found, anchor))
    if not found["sound"]:
        raise Failed(
            f"the journal is not as it was written: {found['what']}",
            hint="keep the database as it is; compare it with a backup and with the log's anchors",
        )


def _head(found: dict[str, Any]) -> Iterator[str]:
    yield f"entry   {found['id']}{', ' + at(found['at']) if found['at'] else ''}"
    yield f"anchor  {found['anchor']}"


def _verdict(found: dict[str, Any], anchor: str) -> Iterator[str]:
    if found["sound"]:
        yield f"sound: {found['entries']} entries follow on each other, none changed since"
        if anchor:
            yield f"it is the journal of which entry {anchor.partition(':')[0]} was written down"
        else:
            yield "without --anchor it is not known whether it is the one that was written"
    else:
        yield f"not sound: {found['entries']} entries follow on each other, and then no more"
    yield f"anchor  {found['head']}:{found['chain']}"
