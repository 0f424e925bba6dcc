"""`vmuster credential`: what opens remote hosts to the server. Secrets come from files, never from
arguments: a command line is for every process of the machine to read."""

from pathlib import Path
from typing import Any, Final

import click

from vmuster.cli.asking.completing import complete_credential
from vmuster.cli.asking.confirming import confirm, yes_option
from vmuster.cli.asking.speaking import Failed, Server, changes, connected
from vmuster.cli.printing.columns import CREDENTIALS
from vmuster.cli.printing.forms import Output, print_item, print_items
from vmuster.cli.printing.listing import lists

_BYTES_MAX: Final = 65_536
_FILE: Final = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.group("credential", short_help="What opens hosts: ssh keys, TLS certificates.")
def credential() -> None:
    """Credentials: ssh keys and TLS certificates, kept encrypted, and never shown again.

    \b
    Examples:
      vmuster credential add fleet-ssh --ssh-key ~/.ssh/id_ed25519
      vmuster credential list
    """


@credential.command("add")
@click.argument("name")
@click.option("--ssh-key", type=_FILE, metavar="FILE", help="A private key, without passphrase.")
@click.option("--tls-ca", type=_FILE, metavar="FILE", help="The authority that signed the hosts'.")
@click.option("--tls-cert", type=_FILE, metavar="FILE", help="The client's certificate.")
@click.option("--tls-key", type=_FILE, metavar="FILE", help="The client's private key.")
@yes_option
@changes
def add(
    name: str,
    ssh_key: Path | None,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    yes: bool,
    server: Server,
    out: Output,
) -> None:
    """Store a credential, or replace it. The files are read here and sent to the server, which
    keeps them encrypted.

    \b
    Examples:
      vmuster credential add fleet-ssh --ssh-key ~/.ssh/id_ed25519
      vmuster credential add fleet-tls --tls-ca ca.pem --tls-cert client.pem --tls-key client.key
    """
    tls = (tls_ca, tls_cert, tls_key)
    if ssh_key is not None and tls == (None, None, None):
        secret: dict[str, Any] = {"kind": "ssh", "key": _read(ssh_key)}
    elif ssh_key is None and tls_ca and tls_cert and tls_key:
        secret = {
            "kind": "tls",
            "ca": _read(tls_ca),
            "certificate": _read(tls_cert),
            "key": _read(tls_key),
        }
    else:
        raise click.UsageError("say --ssh-key, or all of --tls-ca, --tls-cert and --tls-key")
    with connected(server) as client:
        there = [each for each in client.credentials() if each["name"] == name]
        if there:
            confirm(
                f"Credential {name} is there already, {there[0]['public']}; it will be replaced"
                " for every host that uses it.",
                yes=yes,
            )
        print_item(client.put_credential(name, secret), CREDENTIALS, out)


@credential.command("list")
@lists
def list_(server: Server, out: Output) -> None:
    """List the credentials, without their secrets.

    \b
    Examples:
      vmuster credential list
    """
    with connected(server) as client:
        print_items(client.credentials(), CREDENTIALS, out)


@credential.command("remove")
@click.argument("name", shell_complete=complete_credential)
@yes_option
@changes
def remove(name: str, yes: bool, server: Server, out: Output) -> None:
    """Remove a credential that no host uses.

    \b
    Examples:
      vmuster credential remove fleet-ssh
    """
    confirm(f"Credential {name} will be removed; vmuster keeps no copy.", yes=yes)
    with connected(server) as client:
        print_item(client.remove_credential(name), CREDENTIALS, out)


def _read(file: Path) -> str:
    """The text of a file; what it holds is never repeated."""
    try:
        with click.open_file(str(file), "rb") as opened:
            content = opened.read(_BYTES_MAX + 1)
        if len(content) > _BYTES_MAX:
            raise Failed(f"{file} is longer than {_BYTES_MAX} bytes", hint="is it the right file?")
        return content.decode("ascii")
    except OSError as error:
        raise Failed(f"{file} can't be read: {error.strerror}", hint="see its rights") from error
    except UnicodeDecodeError:
        raise Failed(f"{file} is no PEM text", hint="say the file with -----BEGIN") from None
