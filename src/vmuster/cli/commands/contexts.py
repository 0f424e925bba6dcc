"""`vmuster context`: several fleets, each by a name of your own, and the one that is in use."""

import re
import sys
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from msgspec.structs import replace

from vmuster.cli.asking.completing import complete_context
from vmuster.cli.asking.speaking import Failed, contexts_file, prints
from vmuster.cli.printing.forms import Column, Item, Output, Shape, print_item, print_items
from vmuster.model.text import visible

if TYPE_CHECKING:
    from vmuster.client.contexts import Context, Contexts

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHAPE: Final = Shape(
    "name",
    (
        Column("NAME", itemgetter("name")),
        Column("IN USE", lambda item: "*" if item["in_use"] else "", lambda _text: "green"),
        Column("URL", itemgetter("url")),
        Column("KEY", lambda item: item["key_file"] or ("in the file" if item["has_key"] else "")),
        Column("KNOWN BY", lambda item: item["ca"] or item["fingerprint"]),
    ),
)


@click.group("context", short_help="Several fleets, each by a name of your own.")
def context() -> None:
    """Contexts: fleets that you talk to, each by a name of your own.

    They stand in contexts.toml under $XDG_CONFIG_HOME/vmuster, for you alone to read. What is meant
    is, in this order: --url and --key, --context, VMUSTER_URL and VMUSTER_API_KEY, VMUSTER_CONTEXT,
    a server whose state folder VMUSTER_STATE_DIR names, the context in use, and the server with the
    usual state folder. A key goes only to the server it is for.

    \b
    Examples:
      vmuster context add north --url https://north.example.org:8040 --ca ca.pem --key-file key
      vmuster context use north
      vmuster vm list --context north
    """


@context.command("list")
@prints
def list_(out: Output) -> None:
    """List the contexts.

    \b
    Examples:
      vmuster context list
    """
    known = _read()
    print_items([_item(name, known) for name in known.contexts], _SHAPE, out)


@context.command("show")
@click.argument("name", required=False, default="", shell_complete=complete_context)
@prints
def show(name: str, out: Output) -> None:
    """Show a context; without NAME, the one in use. Its key is not shown.

    \b
    Examples:
      vmuster context show
      vmuster context show north
    """
    known = _read()
    if not name and not known.use:
        raise Failed("no context is in use", hint="vmuster context use NAME")
    print_item(_item(_there(name or known.use, known), known), _SHAPE, out)


@context.command("add")
@click.argument("name")
@click.option("--url", required=True, help="The server: https://..., or http:// on this machine.")
@click.option(
    "--key-file",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="The file with the key; it stays there. [default: asked for, or read from stdin]",
)
@click.option(
    "--ca",
    type=click.Path(dir_okay=False, exists=True, resolve_path=True),
    metavar="FILE",
    help="The certificate of the server's own CA (PEM).",
)
@click.option(
    "--fingerprint", default="", metavar="HEX", help="Or: the SHA-256 of the server's certificate."
)
@click.option("--no-check", is_flag=True, help="Do not try it now.")
@prints
def add(
    name: str,
    url: str,
    key_file: str | None,
    ca: str | None,
    fingerprint: str,
    no_check: bool,
    out: Output,
) -> None:
    """Add a context, or replace one, and try it. The first one is in use from then on.

    \b
    Examples:
      vmuster context add north --url https://north.example.org:8040 --ca ca.pem --key-file key
    """
    from vmuster.client.contexts import Context

    _check(name)
    typed = _typed_key() if key_file in (None, "-") else ""
    path = "" if typed else str(Path(key_file or "").resolve())
    fresh = Context(url=url, key=typed, key_file=path, ca=ca or "", fingerprint=fingerprint)
    known = _read()
    if not no_check:
        click.echo(visible(_greeting(fresh)), err=True)
    after = replace(known, use=known.use or name, contexts={**known.contexts, name: fresh})
    _write(after)
    if after.use == name != known.use:
        click.echo(f"commands go to {name} from now on", err=True)
    print_item(_item(name, after), _SHAPE, out)


@context.command("use")
@click.argument("name", shell_complete=complete_context)
@prints
def use(name: str, out: Output) -> None:
    """Have a context be the one that is meant where none is said.

    \b
    Examples:
      vmuster context use north
    """
    known = _read()
    after = replace(known, use=_there(name, known))
    _write(after)
    print_item(_item(name, after), _SHAPE, out)


@context.command("remove")
@click.argument("name", shell_complete=complete_context)
@prints
def remove(name: str, out: Output) -> None:
    """Remove a context; its server does not learn of that, and its key stays good.

    \b
    Examples:
      vmuster context remove north
    """
    known = _read()
    gone = _item(_there(name, known), known)
    left = {each: value for each, value in known.contexts.items() if each != name}
    _write(replace(known, use="" if known.use == name else known.use, contexts=left))
    print_item(gone, _SHAPE, out)


@context.command("rename")
@click.argument("name", shell_complete=complete_context)
@click.argument("new")
@prints
def rename(name: str, new: str, out: Output) -> None:
    """Give a context another name.

    \b
    Examples:
      vmuster context rename north oslo
    """
    _check(new)
    known = _read()
    if new in known.contexts:
        raise Failed(f"there is a context {new} already", hint="vmuster context list")
    _there(name, known)
    renamed = {new if each == name else each: value for each, value in known.contexts.items()}
    after = replace(known, use=new if known.use == name else known.use, contexts=renamed)
    _write(after)
    print_item(_item(new, after), _SHAPE, out)


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise click.UsageError("a context's name is letters, digits and . _ - (at most 64)")


def _typed_key() -> str:
    """The key that a person types or pastes, or that comes by a pipe: never an argument, which
    others on this machine could read."""
    if sys.stdin.isatty():
        return str(click.prompt("The key to it", hide_input=True, err=True)).strip()
    key = sys.stdin.readline().strip()
    if not key:
        raise click.UsageError("say --key-file FILE, or give the key on stdin")
    return key


def _greeting(fresh: "Context") -> str:
    """Who one is there. Raises `Failed` where the server does not answer, or not to this key."""
    from vmuster.client.contexts import key_of
    from vmuster.client.errors import ClientError
    from vmuster.client.profile import Profile, checked_url
    from vmuster.client.rest import Client

    try:
        url, key = checked_url(fresh.url), key_of(fresh, contexts_file().parent)
        profile = Profile(url=url, key=key, ca=fresh.ca, fingerprint=fresh.fingerprint)
        with Client(profile) as client:
            own, fleet = client.own_api_key(), client.status()
    except ClientError as error:
        raise Failed(f"not added: {error}", hint=error.hint) from error
    return f"You are {own['name']} (scope {own['scope']}) in fleet {fleet['id']}."


def _there(name: str, known: "Contexts") -> str:
    """`name`, which a context has. Raises `Failed` where none has it."""
    from vmuster.client.contexts import unknown_context

    if name not in known.contexts:
        unknown = unknown_context(name, known.contexts)
        raise Failed(str(unknown), hint=unknown.hint)
    return name


def _item(name: str, known: "Contexts") -> Item:
    found = known.contexts[name]
    return {
        "name": name,
        "in_use": name == known.use,
        "url": found.url,
        "has_key": bool(found.key),
        "key_file": found.key_file,
        "ca": found.ca,
        "fingerprint": found.fingerprint,
    }


def _read() -> "Contexts":
    from vmuster.client.contexts import read_contexts
    from vmuster.client.errors import ClientError

    try:
        return read_contexts(contexts_file())
    except ClientError as error:
        raise Failed(str(error), hint=error.hint) from error


def _write(known: "Contexts") -> None:
    import msgspec

    from vmuster.wiring.secrets.secret_files import write_secret

    file = contexts_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_secret(file, msgspec.toml.encode(known), 0o600)
    except OSError as error:
        raise Failed(f"{file} can't be written: {error.strerror}", hint="is it yours?") from error
