"""Host keys: what a host shows, and what the user that we run as already knows of it.

To see a key is not to trust it: a person compares its fingerprint, or pins the one that their own
known_hosts holds.
"""

from pathlib import Path
from typing import Final

from vmuster.drivers.ssh.calls import answer_of
from vmuster.model.reach import HOST_KEY_TYPES, address_flaw, host_key_flaw
from vmuster.ports.driver import DriverError

_SCAN: Final = "/usr/bin/ssh-keyscan"
_FIND: Final = "/usr/bin/ssh-keygen"
_SCAN_SECONDS: Final = 8
_FIND_SECONDS: Final = 5.0
_ANSWER_BYTES_MAX: Final = 1 << 16
_SSH_PORT: Final = 22


def scan(address: str, port: int) -> tuple[str, ...]:
    """The public keys that the host shows, each as "type base64", the best kind first. Blocks.

    Raises `DriverError` where none was shown in time; `ValueError` for no address.
    """
    _check(address)
    arguments = [_SCAN, "-T", str(_SCAN_SECONDS), "-p", str(port), "-t", "ed25519,ecdsa,rsa"]
    found = _keys(
        answer_of(
            [*arguments, "--", address],
            seconds=2.0 * _SCAN_SECONDS,
            bytes_max=_ANSWER_BYTES_MAX,
        )
    )
    if not found:
        raise DriverError(f"no ssh host key was shown at {address} port {port}")
    return found


def known(address: str, port: int, file: Path | None = None) -> tuple[str, ...]:
    """The host's keys in a known_hosts file; there may be none.

    `file`: None for the one of the user that we run as. Blocks. Raises `DriverError` where the
    file can't be asked; `ValueError` for no address.
    """
    _check(address)
    name = address if port == _SSH_PORT else f"[{address}]:{port}"
    where = [] if file is None else ["-f", str(file)]
    return _keys(
        answer_of([_FIND, "-F", name, *where], seconds=_FIND_SECONDS, bytes_max=_ANSWER_BYTES_MAX)
    )


def _check(address: str) -> None:
    if wrong := address_flaw(address):
        raise ValueError(wrong)


def _keys(answer: bytes) -> tuple[str, ...]:
    """The keys of lines as in a known_hosts file; lines with a marker (`@revoked`) are none."""
    found: set[str] = set()
    for line in answer.decode("ascii", "replace").splitlines():
        words = line.split()
        key = " ".join(words[1:3])  # after the name
        if not line.startswith(("#", "@")) and not host_key_flaw(key):
            found.add(key)
    return tuple(sorted(found, key=lambda key: HOST_KEY_TYPES.index(key.split()[0])))
