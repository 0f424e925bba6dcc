"""Files that nobody but their owner can ever have read, written whole or not at all."""

import os
from pathlib import Path
from typing import Final

from vmuster.model.errors import Refused

_OTHERS: Final = 0o077
"""The permission bits of everybody but the owner."""


def write_secret(path: Path, content: bytes, mode: int) -> None:
    """Put `content` into the file at `path`; it is durable when this returns.

    What a crash left of an earlier try is dropped. A state folder has one server, so that nobody
    else is writing it.
    """
    fresh = path.with_name(f".{path.name}.fresh")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    put_in_place(fresh, path)


def put_in_place(fresh: Path, path: Path) -> None:
    """Give `fresh` the name of `path`, durably; what was there before is gone."""
    fresh.replace(path)
    make_durable(path.parent)


def make_durable(folder: Path) -> None:
    """Names that were given or taken in the folder outlive a power cut from now on."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def spoken(path: Path) -> str:
    """The file as it is called in words that may leave this machine: by its place in the state
    folder, wherever that is (T35)."""
    return f"{path.parent.name}/{path.name}"


def check_secret(path: Path, *, what: str, harm: str) -> None:
    """Raise `Refused` where others than its owner can read the file."""
    if path.stat().st_mode & _OTHERS:
        raise Refused(
            f"others can read or write {what}, {spoken(path)}",
            hint=f"chmod 0400 {spoken(path)} in the server's state folder; {harm}",
        )
