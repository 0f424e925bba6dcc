"""What kind of machine this is, as far as a server depends on it."""

import ctypes
import platform
import resource
import shutil
import sqlite3
import subprocess
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final

from vmuster.server.checkup.place import Machine

_SHOWN: Final = ("msgspec", "sqlalchemy", "fastapi", "cryptography")
_NAME_ENDS: Final = frozenset(" ;[<>=!~(")
_ASKED_SECONDS: Final = 5.0
_UNSYNCHRONISED: Final = 5
"""What `adjtimex` says where no time service keeps the clock (TIME_ERROR)."""
_TIMEX_BYTES: Final = 512
"""More than its struct has on any platform; all zero: it is only asked."""


def machine() -> Machine:
    """This machine, as it is now."""
    needed = _needed()
    known = {name: _version(name) for name in needed}
    libraries = {name: known.get(name, "") for name in _SHOWN}
    return Machine(
        python=platform.python_version(),
        vmuster=version("vmuster"),
        libraries=libraries | {"SQLite": sqlite3.sqlite_version},
        missing=tuple(name for name in needed if not known[name]),
        libvirt=_libvirt(),
        ssh=_ssh(),
        descriptors_max=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        descriptors=_open_files(),
        synchronised=_synchronised(),
    )


def _needed() -> list[str]:
    """The libraries without which vmuster is not whole."""
    return [_name(each) for each in requires("vmuster") or () if "extra ==" not in each]


def _name(requirement: str) -> str:
    end = next((n for n, letter in enumerate(requirement) if letter in _NAME_ENDS), None)
    return requirement[:end]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _libvirt() -> str:
    try:
        number: int = import_module("libvirt").getVersion()
    except ImportError:
        return ""
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


def _ssh() -> str:
    program = shutil.which("ssh")
    if program is None:
        return ""
    with suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            [program, "-V"], capture_output=True, text=True, timeout=_ASKED_SECONDS, check=False
        )
        return (asked.stderr or asked.stdout).strip() or program
    return ""


def _open_files() -> int | None:
    folder = Path("/proc/self/fd")
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else None


def _synchronised() -> bool | None:
    try:
        state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (AttributeError, OSError):
        return None
    return None if state < 0 else state != _UNSYNCHRONISED
