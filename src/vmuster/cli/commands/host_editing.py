"""`vmuster host set`: another name for a host, or another way to it. Who it is stays."""

from typing import Any

import click

from vmuster.cli.asking.completing import complete_credential, complete_host
from vmuster.cli.asking.host_keys import pinned_profile
from vmuster.cli.asking.host_lines import changed_profile, options_said, ways_said
from vmuster.cli.asking.speaking import Server, changes, connected, not_empty
from vmuster.cli.asking.waiting import tell
from vmuster.cli.printing.columns import HOST
from vmuster.cli.printing.forms import Output, print_item


@click.command("set")
@click.argument("name", shell_complete=complete_host)
@click.option("--rename", default="", callback=not_empty, metavar="NEW", help="Its new name.")
@click.option("--local", is_flag=True, help="It is the server's own machine.")
@click.option(
    "--ssh",
    default="",
    callback=not_empty,
    metavar="[USER@]ADDRESS",
    help="It is reached over ssh.",
)
@click.option(
    "--tls",
    default="",
    callback=not_empty,
    metavar="ADDRESS",
    help="It is reached over mutual TLS.",
)
@click.option("--loopback", type=click.IntRange(1, 65535), metavar="PORT", help="For demos.")
@click.option(
    "--session/--system", default=None, help="The user's own hypervisor, or the system's."
)
@click.option("--port", type=click.IntRange(1, 65535), help="Of ssh or TLS.")
@click.option(
    "--credential",
    default="",
    callback=not_empty,
    metavar="NAME",
    shell_complete=complete_credential,
    help="What opens it, stored before.",
)
@click.option("--no-credential", is_flag=True, help="What the server's own user has opens it.")
@click.option(
    "--host-key",
    default="",
    callback=not_empty,
    metavar="KEY",
    help='The key that it must show, "TYPE BASE64", or its SHA256:fingerprint.'
    " [default: the one that it had to show]",
)
@click.option("--trust-first-key", is_flag=True, help="Take the key that is shown, unseen.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; this trusts no host key by itself.")
@changes
def set_(
    name: str,
    rename: str,
    trust_first_key: bool,
    no_credential: bool,
    yes: bool,
    server: Server,
    out: Output,
    **said: Any,
) -> None:
    """Give a host another name, or have it reached otherwise.

    What is not said stays. The host itself stays who it is: another machine that answers at a new
    address is refused until you have looked. Its VMs and their records stay too; the conversation
    with it begins anew.

    \b
    Examples:
      vmuster host set alpha --rename north-1
      vmuster host set beta --ssh root@10.0.0.7
      vmuster host set beta --credential fleet-ssh-2
      vmuster host set gamma --tls gamma.example.org --port 16515
    """
    kind, place = _way(said)
    options = options_said(said)
    if said["session"] is not None:
        options["scope"] = "session" if said["session"] else "system"
    reached = bool(kind or options or trust_first_key or no_credential)
    if not (rename or reached):
        raise click.UsageError("say a new name, or how it is reached: see --help")
    with connected(server) as client:
        present = client.host(name)
        profile: dict[str, Any] | None = None
        if reached:
            profile = _profile(present["profile"], kind, place, options)
            if no_credential:
                profile["credential"] = ""
            if trust_first_key:
                profile.pop("host_key", None)
            profile = pinned_profile(client, profile, trust_first=trust_first_key, ask=not yes)
        edited = client.edit_host(present["id"], name=rename, profile=profile)
        if profile is not None:
            tell(f"host {edited['name']} is talked to anew")
        print_item(edited, HOST, out)


def _way(said: dict[str, Any]) -> tuple[str, str]:
    """The kind of host that is meant, and its place; both empty where that stays."""
    ways = ways_said(said)
    if len(ways) > 1:
        raise click.UsageError("say one of --local, --ssh, --tls and --loopback")
    return ways[0] if ways else ("", "")


def _profile(
    present: dict[str, Any], kind: str, place: str, options: dict[str, str]
) -> dict[str, Any]:
    try:
        return changed_profile(present, kind, place, options)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
