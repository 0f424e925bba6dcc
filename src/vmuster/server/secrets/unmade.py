"""Signatures, keys and seals of a rehearsal: of their form, and good for nothing.

Whoever rehearses an adoption must not be given a mark by it, nor leave a key behind.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from vmuster.model.host import NameGrant
from vmuster.model.ids import FleetId, KeyId, VmUuid
from vmuster.model.mark import OwnershipMark
from vmuster.server.secrets.credentials import Sealable, Sealer
from vmuster.server.secrets.signing import Signer

_NOTHING: Final = b""
_PUBLIC_BYTES: Final = 32


class Unsigned(Signer):
    """Signs with nothing, as the key `key` would."""

    def __init__(self, key: KeyId, public: bytes = bytes(_PUBLIC_BYTES)) -> None:
        self.key = key
        self.earlier = ()
        self._public = public

    @property
    def public(self) -> bytes:
        """The public half; of a key that nobody made, zeros."""
        return self._public

    def mark(self, fleet: FleetId, vm: VmUuid, generation: int) -> OwnershipMark:
        """As `Signer.mark`, without a signature."""
        return OwnershipMark(
            fleet=fleet, vm=vm, generation=generation, key=self.key, signature=_NOTHING
        )

    def grant(self, unsigned: NameGrant) -> NameGrant:
        """As `Signer.grant`, without a signature."""
        return msgspec.structs.replace(unsigned, key=self.key, signature=_NOTHING)


class UnmadeKeys:
    """Implements `rotation.KeyRing`. `fresh`: gives an id for a key."""

    def __init__(self, fresh: Callable[[], KeyId]) -> None:
        self._fresh = fresh

    def make(self) -> Signer:
        """A key that nobody made."""
        return Unsigned(self._fresh())

    def settle(self, key: KeyId) -> None:
        """Nothing takes any key's place."""


class Unsealed:
    """Implements `credentials.Sealer`: refuses what `sealer` would refuse, and seals nothing."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def check(self, *, first: bool) -> None:
        """As `Sealer.check`."""
        self._sealer.check(first=first)

    def seal(self, row: Sealable, secret: bytes, *, first: bool) -> bytes:  # noqa: ARG002
        """Nothing, where the secret could be sealed."""
        self.check(first=first)
        return _NOTHING

    def open(self, row: Sealable) -> bytes:
        """As `Sealer.open`."""
        return self._sealer.open(row)
