"""Connections to libvirt: open, understand their errors, and let go.

Calls here block; they are made in the threads of `worker.py` alone. A connection's last reference
must be dropped there too, since closing one speaks to the daemon, which may hang.
"""

import contextlib
import os
from functools import cache
from typing import Final

import libvirt

from vmuster.drivers.libvirt.address import cleanse_environment, uri_of
from vmuster.model.host import LocalProfile
from vmuster.model.text import bounded, visible
from vmuster.ports.driver import DriverError

_MESSAGE_CHARACTERS_MAX: Final = 500
_PLAIN_WORDS: Final = {
    "Host key verification failed": "the host does not show the ssh host key that is pinned for it:"
    " it is another machine, or it was installed anew",
    "REMOTE HOST IDENTIFICATION HAS CHANGED": "the host does not show the ssh host key that is"
    " pinned for it: it is another machine, or it was installed anew",
    "Permission denied (": "the host does not accept our ssh key for this user",
    "virt-ssh-helper: cannot connect": "over ssh the host answers, its libvirt daemon does not,"
    " and vmuster starts none, since it might start VMs",
    "during banner exchange": "the host does not greet over ssh: it hangs, or it is overloaded",
    "ssh: connect to host": "the host can't be reached over ssh",
    "ssh: Could not resolve hostname": "the host's name is not known",
    "Failed to connect socket to": "no libvirt daemon listens there, and vmuster starts none, since"
    " it might start VMs",
}
"""What an error of libvirt's means, in words for the person who reads it; the first that fits."""
_SESSION: Final = uri_of(LocalProfile(scope="session"))


@cache
def _silence_library() -> None:
    """libvirt prints every error on stderr unless it is told not to; we raise them."""
    libvirt.registerErrorHandler(_say_nothing, None)


def _say_nothing(_context: object, _error: object) -> None:
    pass


def connect(uri: str, *, read_only: bool) -> libvirt.virConnect:
    """A connection to `uri`, made by `address.uri_of`. It asks nobody, reads no aliases and starts
    no daemon."""
    if uri == _SESSION and os.geteuid() == 0:
        raise DriverError("root has no session of its own in libvirt: say 'system', not 'session'")
    cleanse_environment()
    _silence_library()
    flags = libvirt.VIR_CONNECT_NO_ALIASES | (libvirt.VIR_CONNECT_RO if read_only else 0)
    return libvirt.openAuth(uri, [[], None, None], flags)  # pyright: ignore[reportUnknownMemberType]


def hang_up(connection: libvirt.virConnect) -> None:
    """Let go of a connection. What goes wrong with that no longer matters to anybody."""
    with contextlib.suppress(libvirt.libvirtError):
        _ = connection.close()


def explain(
    error: Exception, connection: libvirt.virConnect | None, *, deed: bool = False
) -> DriverError:
    """Any failure of a libvirt call as a `DriverError`.

    `broken` where the connection is gone. `deed`: the call was to change something; if the
    connection broke over it, nobody knows whether it did.
    """
    if isinstance(error, DriverError):
        return DriverError(
            str(error), unknown=error.unknown, broken=error.broken, elsewhere=error.elsewhere
        )
    broken = connection is None or not _is_alive(connection)
    return DriverError(_words(error), unknown=deed and broken, broken=broken)


def _words(error: Exception) -> str:
    """What an error says, bounded and visible; behind plain words where there are any."""
    said = str(error) or type(error).__name__
    plain = next((words for phrase, words in _PLAIN_WORDS.items() if phrase in said), "")
    if plain and "@@@@" in said:  # a banner that fills the page and says no more than that
        return plain
    return visible(bounded(f"{plain} ({said})" if plain else said, _MESSAGE_CHARACTERS_MAX))


def _is_alive(connection: libvirt.virConnect) -> bool:
    """Whether the connection's own socket is open; asks nobody."""
    try:
        return connection.isAlive() == 1
    except libvirt.libvirtError:
        return False
