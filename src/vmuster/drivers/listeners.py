"""Who listens at the other end of a local socket: a process id of our own process table.

A process of another PID namespace has no id in ours; then there is no answer, and whoever asked
knows that it does not see that process, nor what it started.
"""

import contextlib
import socket
import struct
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_LOOPBACK: Final = "127.0.0.1"
_LISTENING: Final = "0A"
_CREDENTIALS: Final = struct.Struct("3i")
"""`struct ucred`: process, user, group."""
_CONNECT_SECONDS: Final = 1.0


def listener_on_socket(paths: Iterable[Path]) -> int | None:
    """Who listens on the first of these UNIX sockets that can be connected to.

    The kernel's own word. With socket activation it is the process that opened the socket for
    the daemon.
    """
    for path in paths:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_CONNECT_SECONDS)
            line.connect(str(path))
            peer = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            pid, _user, _group = _CREDENTIALS.unpack(peer)
            return pid or None
    return None


def listener_on_port(port: int, proc: Path = _PROC) -> int | None:
    """Who listens on this TCP port of 127.0.0.1, as far as we may see whose socket it is."""
    with contextlib.suppress(OSError):
        sockets = {f"socket:[{inode}]" for inode in _inodes(proc / "net/tcp", port)}
        for process in proc.iterdir() if sockets else ():
            if process.name.isdecimal() and _has_open(process, sockets):
                return int(process.name)
    return None


def _inodes(table: Path, port: int) -> list[str]:
    """The inodes of listening sockets, by the kernel's table of IPv4 sockets."""
    # The kernel prints an address as a number of the machine's own byte order.
    address = int.from_bytes(socket.inet_aton(_LOOPBACK), sys.byteorder)
    wanted = [f"{address:08X}:{port:04X}", _LISTENING]
    rows = [line.split() for line in table.read_text("ascii").splitlines()[1:]]
    return [row[9] for row in rows if [row[1], row[3]] == wanted]


def _has_open(process: Path, files: Collection[str]) -> bool:
    with contextlib.suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if str(descriptor.readlink()) in files:
                    return True
    return False
