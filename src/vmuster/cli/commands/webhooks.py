"""`vmuster webhook`: who is told of what by itself. A secret comes from a file, never from an
argument: a command line is for every process of the machine to read."""

from operator import itemgetter
from typing import IO, Final

import click

from vmuster.cli.asking.completing import complete_webhook
from vmuster.cli.asking.confirming import confirm, yes_option
from vmuster.cli.asking.speaking import Failed, Server, changes, connected, speaks, words
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
from vmuster.model.journal import EntryKind

_SECRET_BYTES_MAX: Final = 1024
_WHOLE: Final = (Form.JSON, Form.YAML)
"""How to print a new webhook with its secret among the rest; else a secret is all there is."""


def _state(webhook: Item) -> str:
    failures = webhook["failures"]
    return f"failed {failures} times" if failures else "well"


_WEBHOOKS: Final = Shape(
    "name",
    (
        Column("NAME", itemgetter("name")),
        Column("KINDS", lambda webhook: ", ".join(webhook["kinds"])),
        Column("URL", itemgetter("url")),
        Column("STATE", _state, lambda text: "green" if text == "well" else "red"),
        Column("TROUBLE", itemgetter("trouble"), lambda _text: "red"),
        Column("TRIED", lambda webhook: at(webhook["tried_at"])),
        Column("DELIVERED", itemgetter("delivered"), wide=True),
        Column("ADDED", lambda webhook: at(webhook["created_at"]), wide=True),
    ),
)
_TEST: Final = Shape(
    "name",
    (
        Column("NAME", itemgetter("name")),
        Column("TAKEN IN", itemgetter("taken_in")),
        Column("TROUBLE", itemgetter("trouble"), lambda _text: "red"),
    ),
)


@click.group("webhook", short_help="Who is told of what by itself.")
def webhook() -> None:
    """Webhooks: alerts, or other entries of the journal, posted to a url, signed.

    \b
    Examples:
      vmuster webhook add pager https://hooks.example/vmuster
      vmuster webhook test pager
      vmuster webhook list
    """


@webhook.command("add")
@click.argument("name")
@click.argument("target", metavar="URL")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(words(EntryKind)),
    default=[EntryKind.ALERT.value],
    show_default=True,
    help="Entries of this kind; may be said several times.",
)
@click.option(
    "--secret-file",
    type=click.File("rb"),
    metavar="FILE",
    help="What signs each post; without it, a secret is made, and printed once.",
)
@changes
def add(
    name: str,
    target: str,
    kinds: tuple[str, ...],
    secret_file: IO[bytes] | None,
    server: Server,
    out: Output,
) -> None:
    """Have what is written from now on posted to a url. A secret that is made goes to stdout,
    alone, so that it can be passed on without being seen.

    \b
    Examples:
      vmuster webhook add pager https://hooks.example/vmuster > secret.txt
      vmuster webhook add chat https://chat.example/in --kind alert --kind held
    """
    secret = "" if secret_file is None else _read(secret_file)
    with connected(server) as client:
        made = client.add_webhook(name, target, kinds=kinds, secret=secret)
    if not made["secret"] or out.form in _WHOLE:
        print_item(made, _WEBHOOKS, out)
        return
    click.echo(made["secret"])
    click.echo(f"webhook {name} signs its posts with it; keep it: it is not shown again", err=True)


@webhook.command("list")
@lists
def list_(server: Server, out: Output) -> None:
    """List the webhooks, and how their deliveries go.

    \b
    Examples:
      vmuster webhook list
    """
    with connected(server) as client:
        print_items(client.webhooks(), _WEBHOOKS, out)


@webhook.command("show")
@click.argument("name", shell_complete=complete_webhook)
@speaks
def show(name: str, server: Server, out: Output) -> None:
    """Show a webhook, and how its deliveries go.

    \b
    Examples:
      vmuster webhook show pager
    """
    with connected(server) as client:
        print_item(client.webhook(name), _WEBHOOKS, out)


@webhook.command("test")
@click.argument("name", shell_complete=complete_webhook)
@changes
def test(name: str, server: Server, out: Output) -> None:
    """Post a test, now; exit status 1 where it is not taken in.

    \b
    Examples:
      vmuster webhook test pager
    """
    with connected(server) as client:
        found = client.test_webhook(name)
    print_item(found, _TEST, out)
    if not found["taken_in"]:
        raise Failed(
            f"webhook {name} did not take it in: {found['trouble']}", hint="see docs/events.md"
        )


@webhook.command("remove")
@click.argument("name", shell_complete=complete_webhook)
@yes_option
@changes
def remove(name: str, yes: bool, server: Server, out: Output) -> None:
    """Remove a webhook: it is told no more.

    \b
    Examples:
      vmuster webhook remove pager
    """
    confirm(f"Webhook {name} will be told no more, nor of what it missed.", yes=yes)
    with connected(server) as client:
        print_done(client.remove_webhook(name), _WEBHOOKS, out, f"webhook {name}: removed")


def _read(file: IO[bytes]) -> str:
    """The secret in a file, which is never repeated; space around it does not count."""
    content = file.read(_SECRET_BYTES_MAX + 1).strip()
    if not content or len(content) > _SECRET_BYTES_MAX or not content.isascii():
        raise Failed(
            "the file holds no secret", hint="a secret is one line of 16 to 256 visible characters"
        )
    return content.decode("ascii")
