"""Where the server's url and the key come from: what is given, then the environment, then files.

A key that was found in a file goes only to the server that this file names: a url that was typed
wrong, or slipped into the environment, must not carry the key to a stranger.
"""

import ipaddress
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from vmuster.client.errors import ClientError

URL_VARIABLE: Final = "VMUSTER_URL"
KEY_VARIABLE: Final = "VMUSTER_API_KEY"
FILE_NAME: Final = "client.toml"
DEFAULT_URL: Final = "http://127.0.0.1:8040"
_SERVED: Final = "start one with 'vmuster serve'; its state folder then holds a client.toml"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A server, and the key to it."""

    url: str
    key: str

    @property
    def on_this_machine(self) -> bool:
        """Whether the url is of a loopback address."""
        return _is_loopback(urlsplit(self.url).hostname or "")


class _File(msgspec.Struct, frozen=True, kw_only=True):
    url: str = ""
    key: str = ""


def load_profile(
    *, url: str, key: str, environ: Mapping[str, str], files: Sequence[Path]
) -> Profile:
    """The profile by what was given (empty: nothing), the environment, and the first files there.

    Raises `ClientError` where no key is found, a file is no profile, or the key would travel in
    clear text to another machine.
    """
    found = [_read(file) for file in files]
    chosen_url = _url(url or environ.get(URL_VARIABLE, "") or _first(file.url for file in found))
    chosen_key = (
        key
        or environ.get(KEY_VARIABLE, "")
        or _first(file.key for file in found if not file.url or _url(file.url) == chosen_url)
    )
    if not chosen_key:
        raise ClientError(
            f"no key is known for {chosen_url}",
            hint=f"{_SERVED}; or set {URL_VARIABLE} and {KEY_VARIABLE}",
        )
    return Profile(url=chosen_url, key=chosen_key)


def _url(text: str) -> str:
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


def _read(file: Path) -> _File:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=_File)
    except (FileNotFoundError, NotADirectoryError):
        return _File()
    except OSError as error:
        raise ClientError(f"{file} can't be read", detail=error.strerror or "") from error
    except (msgspec.MsgspecError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ClientError(
            f"{file} is no client profile", hint='it holds two lines: url = "..." and key = "..."'
        ) from error


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")
