"""Where the server's url and the key come from: what is given, the environment, then files.

What was said last and nearest counts: `--url` and `--key`, `--context`, the variables of a server
or a context, the client.toml of a state folder that was named, the context in use, and at the end
the client.toml of the usual state folder.

A key that was found in a file goes only to the server that this file names: a url that was typed
wrong, or slipped into the environment, must not carry the key to a stranger.
"""

import ipaddress
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from vmuster.client.contexts import Context, Contexts, key_of, read_contexts, unknown_context
from vmuster.client.errors import ClientError

URL_VARIABLE: Final = "VMUSTER_URL"
KEY_VARIABLE: Final = "VMUSTER_API_KEY"
CONTEXT_VARIABLE: Final = "VMUSTER_CONTEXT"
DEFAULT_URL: Final = "http://127.0.0.1:8040"
_SERVED: Final = (
    "start one with 'vmuster serve'; one that was just started needs a moment until it has written"
    " it: 'vmuster status --wait' waits for it"
)
_NO_FILE: Final = Path()


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A server, and the key to it. `ca` (a PEM file) or `fingerprint` (SHA-256, hex): how it is
    known where no public authority vouches for it. `found_in`: what said its url; for people."""

    url: str
    key: str
    ca: str = ""
    fingerprint: str = ""
    found_in: str = ""

    @property
    def on_this_machine(self) -> bool:
        """Whether the url is of a loopback address."""
        return _is_loopback(urlsplit(self.url).hostname or "")


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """A server that some file names. `url` is empty where the file says none."""

    url: str
    found_in: str
    folder: Path
    context: Context
    name: str = ""

    @property
    def key(self) -> str:
        return key_of(self.context, self.folder)

    @property
    def ca(self) -> str:
        ca = self.context.ca
        return str(self.folder / Path(ca).expanduser()) if ca else ""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    url: str = ""
    key: str = ""
    ca: str = ""
    fingerprint: str = ""


def load_profile(
    *,
    url: str = "",
    key: str = "",
    context: str = "",
    environ: Mapping[str, str],
    files: Sequence[Path],
    nearest: Sequence[Path] = (),
    contexts: Path = _NO_FILE,
) -> Profile:
    """The profile by what was said (empty: nothing), the environment, the first of the files
    `nearest` there, the file of `contexts`, and the first of `files` there.

    Raises `ClientError` where no key is found, a file is no profile, a context is not there, or the
    key would travel in clear text to another machine.
    """
    known = Contexts() if contexts == _NO_FILE else read_contexts(contexts)
    named = [_of_context(name, each, contexts) for name, each in known.contexts.items()]
    near = [found for found in map(_read, nearest) if found is not None]
    usual = [found for found in map(_read, files) if found is not None]
    told = url or (environ.get(URL_VARIABLE, "") if not context else "")
    in_use = "" if near else known.use
    name = context or ("" if told else environ.get(CONTEXT_VARIABLE) or in_use)
    wanted = [_context(name, named)] if name else []
    defaults = [*wanted, *near, *usual]
    chosen = checked_url(told or next((each.url for each in defaults if each.url), ""))
    sources = (*wanted, *near, *named, *usual)
    theirs = [each for each in sources if each.url in ("", chosen)]
    chosen_key = (
        key
        or ("" if context else environ.get(KEY_VARIABLE, ""))
        or next((key for each in theirs if (key := each.key)), "")
    )
    if not chosen_key:
        hint = _way_out([*near, *named, *usual], [*nearest, *files])
        raise ClientError(f"no key is known for {chosen}", hint=hint)
    home = next((each for each in theirs if each.url), None)
    return Profile(
        url=chosen,
        key=chosen_key,
        ca=home.ca if home else "",
        fingerprint=home.context.fingerprint if home else "",
        found_in=home.found_in if home and not told else "",
    )


def _context(name: str, named: Sequence[_Known]) -> _Known:
    """The context of this name. Raises `ClientError` where there is none."""
    names = {each.name: each for each in named}
    if name not in names:
        raise unknown_context(name, names)
    return names[name]


def _of_context(name: str, context: Context, file: Path) -> _Known:
    return _Known(
        url=checked_url(context.url),
        found_in=f"context {name} ({file})",
        folder=file.parent,
        context=context,
        name=name,
    )


def _way_out(known: Sequence[_Known], files: Sequence[Path]) -> str:
    """What to do where no key is known: say for which servers one is, or where it was looked."""
    others = list(dict.fromkeys(f"{each.url} in {each.found_in}" for each in known if each.url))
    if not others:
        looked = " or ".join(map(str, files))
        missing = f"there is no {looked}: " if looked else ""
        return f"{missing}{_SERVED}; or set {URL_VARIABLE} and {KEY_VARIABLE}"
    return (
        f"there is a key for {', '.join(others[:3])}: if that is this very server, correct the url"
        f" there; else say --key, set {KEY_VARIABLE}, or use 'vmuster context add'"
    )


def checked_url(text: str) -> str:
    """A server's url as it is used; the usual one for an empty text. Raises `ClientError` for one
    that is none, or that would carry a key in clear text to another machine."""
    try:
        parts = urlsplit(text or DEFAULT_URL)
    except ValueError as error:
        raise ClientError("that is no url", detail=str(error), hint="say one with --url") from error
    safe = parts.scheme == "https" or (
        parts.scheme == "http" and _is_loopback(parts.hostname or "")
    )
    if not safe:
        raise ClientError(
            "this url would carry the key in clear text, or is none",
            hint="use https://, or http:// with an address of this machine",
        )
    return parts.geturl().rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(file: Path) -> _Known | None:
    try:
        found = msgspec.toml.decode(file.read_bytes(), type=_File)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ClientError(f"{file} can't be read", detail=error.strerror or "") from error
    except (msgspec.MsgspecError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ClientError(
            f"{file} is no client profile", hint='it holds two lines: url = "..." and key = "..."'
        ) from error
    context = Context(url=found.url, key=found.key, ca=found.ca, fingerprint=found.fingerprint)
    url = checked_url(found.url) if found.url else ""
    return _Known(url=url, found_in=str(file), folder=file.parent, context=context)
