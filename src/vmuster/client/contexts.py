"""Contexts: several servers by name, each with the key to it, in a file of the person's own.

`contexts.toml` says which one is in use, and of each the url, the key (or the file that holds it),
and how the server is known where no public authority vouches for it: the file of its own CA, or the
SHA-256 fingerprint of its certificate. Paths are relative to the file's folder.
"""

import tomllib
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

import msgspec

from vmuster.client.errors import ClientError


class Context(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One server. `key_file`: where the key is, if not here. `ca`: PEM file; `fingerprint`: hex."""

    url: str
    key: str = ""
    key_file: str = ""
    ca: str = ""
    fingerprint: str = ""


class Contexts(msgspec.Struct, frozen=True, kw_only=True):
    """Every context by its name; `use`: which one is meant where none is said."""

    use: str = ""
    contexts: dict[str, Context] = {}


def read_contexts(file: Path) -> Contexts:
    """The contexts of a file; none where there is no file. Raises `ClientError`."""
    try:
        return msgspec.toml.decode(file.read_bytes(), type=Contexts)
    except (FileNotFoundError, NotADirectoryError):
        return Contexts()
    except OSError as error:
        raise ClientError(f"{file} can't be read", detail=error.strerror or "") from error
    except (msgspec.MsgspecError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ClientError(
            f"{file} holds no contexts",
            detail=str(error),
            hint="put it right, or move it away and use 'vmuster context add'",
        ) from error


def unknown_context(name: str, known: Collection[str]) -> ClientError:
    """What is said where none of the contexts that are `known` has this name."""
    near = get_close_matches(name, known, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return ClientError(f"there is no context {name}", hint=f"{meant}see 'vmuster context list'")


def key_of(context: Context, folder: Path) -> str:
    """The key of a context whose file lies in `folder`. Raises `ClientError`."""
    if context.key or not context.key_file:
        return context.key
    file = folder / Path(context.key_file).expanduser()
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise ClientError(
            f"the key file {file} can't be read",
            detail=str(error),
            hint="put the key there, or say another one with 'vmuster context add'",
        ) from error
