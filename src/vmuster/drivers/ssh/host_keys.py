"""Host keys: what a host shows, and what the user that we run as already knows of it.

To see a key is not to trust it: a person compares its fingerprint, or pins the one that their own
known_hosts holds. One that is revoked there is neither shown nor known.
"""

import os
import pwd
from pathlib import Path
from typing import Final, NamedTuple

from vmuster.drivers.ssh.calls import answer_of
from vmuster.model.reach import HOST_KEY_TYPES, address_flaw, host_key_flaw
from vmuster.ports.driver import DriverError

_SCAN: Final = "/usr/bin/ssh-keyscan"
_FIND: Final = "/usr/bin/ssh-keygen"
_SCAN_SECONDS: Final = 8
_FIND_SECONDS: Final = 5.0
_ANSWER_BYTES_MAX: Final = 1 << 16
_SSH_PORT: Final = 22
_FOUND_OR_NOT: Final = (0, 1)
_REVOKED: Final = "@revoked"


class _Said(NamedTuple):
    """Keys as in a known_hosts file, and those that it takes back."""

    keys: frozenset[str]
    revoked: frozenset[str]


def scan(address: str, port: int, file: Path | None = None) -> tuple[str, ...]:
    """The public keys that the host shows, each as "type base64", the best kind first; none that
    `file`, a known_hosts file (see `known`), revokes. Blocks.

    Raises `DriverError` where none was shown in time; `ValueError` for no address.
    """
    _check(address)
    arguments = [_SCAN, "-T", str(_SCAN_SECONDS), "-p", str(port), "-t", "ed25519,ecdsa,rsa"]
    shown = _read(
        answer_of(
            [*arguments, "--", address],
            seconds=2.0 * _SCAN_SECONDS,
            bytes_max=_ANSWER_BYTES_MAX,
        )
    ).keys
    if not shown:
        raise DriverError(f"no ssh host key was shown at {address} port {port}")
    good = shown - _told(address, port, file).revoked
    if not good:
        raise DriverError(f"every ssh host key at {address} port {port} is revoked in known_hosts")
    return _in_order(good)


def known(address: str, port: int, file: Path | None = None) -> tuple[str, ...]:
    """The host's keys in a known_hosts file; there may be none.

    `file`: None for the one of the user that we run as. Blocks. Raises `DriverError` where the
    file can't be asked; `ValueError` for no address.
    """
    _check(address)
    told = _told(address, port, file)
    return _in_order(told.keys - told.revoked)


def _told(address: str, port: int, file: Path | None) -> _Said:
    """What a known_hosts file says of a host; nothing where there is no such file."""
    if file is None:
        file = Path(pwd.getpwuid(os.geteuid()).pw_dir) / ".ssh" / "known_hosts"
    try:
        file.open("rb").close()
    except FileNotFoundError:
        return _read(b"")
    except OSError as error:
        raise DriverError(f"known_hosts can't be read: {error.strerror}") from None
    name = address if port == _SSH_PORT else f"[{address}]:{port}"
    answer = answer_of(
        [_FIND, "-F", name, "-f", str(file)],
        seconds=_FIND_SECONDS,
        bytes_max=_ANSWER_BYTES_MAX,
        statuses=_FOUND_OR_NOT,
    )
    return _read(answer)


def _check(address: str) -> None:
    if wrong := address_flaw(address):
        raise ValueError(wrong)


def _read(answer: bytes) -> _Said:
    """Lines as in a known_hosts file; one with another marker than `@revoked` is no key."""
    keys: set[str] = set()
    revoked: set[str] = set()
    for line in answer.decode("ascii", "replace").splitlines():
        words = line.split()
        marker = words.pop(0) if line.startswith("@") else ""
        key = " ".join(words[1:3])  # after the name
        if not line.startswith("#") and not host_key_flaw(key):
            {"": keys, _REVOKED: revoked}.get(marker, set[str]()).add(key)
    return _Said(frozenset(keys), frozenset(revoked))


def _in_order(keys: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=lambda key: (HOST_KEY_TYPES.index(key.split()[0]), key)))
