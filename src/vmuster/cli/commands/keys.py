"""`vmuster key`: the keys that sign our marks."""

import click

from vmuster.cli.asking.confirming import confirm, yes_option
from vmuster.cli.asking.speaking import Server, changes, connected
from vmuster.cli.printing.columns import KEYS
from vmuster.cli.printing.forms import Output, print_items
from vmuster.cli.printing.listing import lists


@click.group("key", short_help="The keys that sign our marks.")
def key_() -> None:
    """Signing keys: one signs new marks, the marks of the earlier ones stay good.

    \b
    Examples:
      vmuster key list
      vmuster key rotate
    """


@key_.command("list")
@lists
def list_(server: Server, out: Output) -> None:
    """List the keys; the first one signs.

    \b
    Examples:
      vmuster key list -o json
    """
    with connected(server) as client:
        print_items(client.signing_keys(), KEYS, out)


@key_.command("rotate")
@yes_option
@changes
def rotate(yes: bool, server: Server, out: Output) -> None:
    """Make a new signing key. Marks that were signed before stay good.

    Keep a copy of the new key file (keys/signing.key in the state folder), apart from the
    database's backups.

    \b
    Examples:
      vmuster key rotate --yes
    """
    confirm(
        "New marks will be signed with a new key; old copies of the key file go stale.", yes=yes
    )
    with connected(server) as client:
        print_items(client.rotate_signing_key(), KEYS, out)
