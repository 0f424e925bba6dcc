"""`vmuster api-key`: who may ask the server what. A key is shown once, when it is made."""

import re
from operator import itemgetter
from typing import Any, Final

import click

from vmuster.cli.asking.completing import complete_api_key
from vmuster.cli.asking.confirming import confirm, yes_option
from vmuster.cli.asking.speaking import Server, changes, connected, speaks, words
from vmuster.cli.printing.forms import (
    Column,
    Form,
    Item,
    Output,
    Shape,
    print_done,
    print_item,
    print_items,
)
from vmuster.cli.printing.listing import lists
from vmuster.cli.printing.moments import at
from vmuster.model.keys import Scope

_WHOLE: Final = (Form.JSON, Form.YAML)
"""How to print a new key with all that is known of it; every other form is the key alone."""
_UNITS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
_SPAN: Final = re.compile(r"([1-9][0-9]{0,5})([mhdw])", re.ASCII)


def _expiry(key: Item) -> str:
    if key["expires_at"] is None:
        return "never"
    return at(key["expires_at"]) + (" (over)" if key["expired"] else "")


_KEYS: Final = Shape(
    "name",
    (
        Column("NAME", itemgetter("name")),
        Column("SCOPE", itemgetter("scope")),
        Column("EXPIRES", _expiry, order=lambda key: key["expires_at"] or ""),
        Column("LAST USED", lambda key: at(key["last_used_at"])),
        Column("MADE", lambda key: at(key["created_at"])),
        Column("MADE BY", itemgetter("created_by")),
    ),
)


class _Span(click.ParamType[int]):
    """A span of time, as whole seconds."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The seconds of `30d`."""
        found = _SPAN.fullmatch(str(value))
        if found is None:
            self.fail("say a number and a unit, as 90m, 12h, 30d or 8w", param, ctx)
        return int(found[1]) * _UNITS[found[2]]


@click.group("api-key", short_help="Who may ask the server what.")
def api_key() -> None:
    """API keys: who may ask the server what. Everything is done in the name of a key.

    \b
    Examples:
      vmuster api-key create grafana --scope read
      vmuster api-key list
      vmuster api-key revoke grafana
    """


@api_key.command("create")
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(words(Scope)),
    default=Scope.READ.value,
    show_default=True,
    help="What it may do: ask; or also what an operator does in a night; or everything.",
)
@click.option(
    "--expires", type=_Span(), metavar="SPAN", help="After 90m, 12h, 30d, 8w; else never."
)
@changes
def create(name: str, scope: str, expires: int | None, server: Server, out: Output) -> None:
    """Make a key, and print it: it is shown now and never again.

    The key alone goes to stdout, so that it can be passed on without being seen.

    \b
    Examples:
      vmuster api-key create grafana --scope read
      vmuster api-key create night-shift --scope operate --expires 30d > key.txt
    """
    with connected(server) as client:
        made = client.create_api_key(name, scope=scope, lasts_seconds=expires)
    if out.form in _WHOLE:
        print_item(made, _KEYS, out)
        return
    click.echo(made["key"])
    click.echo(f"key {name} has scope {scope}; expires: {_expiry(made)}", err=True)
    click.echo("keep it: the server has no copy. Use it as VMUSTER_API_KEY", err=True)


@api_key.command("list")
@lists
def list_(server: Server, out: Output) -> None:
    """List the keys: their names, never the keys themselves.

    \b
    Examples:
      vmuster api-key list
      vmuster api-key list --sort "LAST USED"
    """
    with connected(server) as client:
        print_items(client.api_keys(), _KEYS, out)


@api_key.command("revoke")
@click.argument("name", shell_complete=complete_api_key)
@yes_option
@changes
def revoke(name: str, yes: bool, server: Server, out: Output) -> None:
    """Take a key away: from that moment on it opens nothing.

    \b
    Examples:
      vmuster api-key revoke grafana
    """
    confirm(f"Key {name} will open nothing any more.", yes=yes)
    with connected(server) as client:
        print_done(client.revoke_api_key(name), _KEYS, out, f"key {name}: revoked")


@api_key.command("show-self")
@speaks
def show_self(server: Server, out: Output) -> None:
    """Show who you are to the server, and what you may do.

    \b
    Examples:
      vmuster api-key show-self
    """
    with connected(server) as client:
        print_item(client.own_api_key(), _KEYS, out)
