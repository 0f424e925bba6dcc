"""A file that is there whole or not at all, that nobody but its owner can read, and that takes the
place of no other."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from vmuster.model.errors import Refused
from vmuster.stores.sql.copying import BESIDE
from vmuster.wiring.secrets.secret_files import make_durable


@contextmanager
def fresh_file(path: Path) -> Generator[Path]:
    """An empty file beside `path`, to be written: it is durable, and gets that name, when the block
    ends well; else it is dropped, and so is what a crash left of an earlier one.

    Raises `Refused` where there is such a file, or another program is writing it.
    """
    _check_free(path)
    partial = path.with_name(f".{path.name}.partial")
    how = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    descriptor = os.open(partial, how, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"{path} is being written already", hint="wait for that one") from None
        os.ftruncate(descriptor, 0)
        os.fchmod(descriptor, 0o600)
        _drop_beside(partial)
        try:
            yield partial
            os.fsync(descriptor)
            _name(partial, path)
        finally:
            _drop_beside(partial)
            partial.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def own_as(path: Path, like: Path) -> None:
    """Give what root has written to whoever owns `like`: a server seldom is root."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _check_free(path: Path) -> None:
    if os.path.lexists(path):
        raise Refused(f"{path} is there already", hint="name another file; none is overwritten")
    if not path.absolute().parent.is_dir():
        raise Refused(f"there is no folder {path.absolute().parent}", hint="make it first")


def _name(partial: Path, path: Path) -> None:
    """Give the name, unless somebody was faster: a rename would overwrite theirs."""
    try:
        os.link(partial, path, follow_symlinks=False)
    except FileExistsError:
        _check_free(path)
        raise
    make_durable(path.absolute().parent)


def _drop_beside(partial: Path) -> None:
    """What SQLite laid beside a copy that was cut short belongs to no other copy."""
    for end in BESIDE:
        partial.with_name(partial.name + end).unlink(missing_ok=True)
