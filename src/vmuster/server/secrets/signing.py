"""The server's signature on marks and grants (Ed25519). Agents hold only the public halves."""

from collections.abc import Iterable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vmuster.model.host import NameGrant, grant_bytes
from vmuster.model.ids import FleetId, KeyId, VmUuid
from vmuster.model.mark import OwnershipMark, signed_bytes


class Signer:
    """Signs with one private key. `key`: the id under which its public half is known; `earlier`:
    the ids of the keys whose place it took, by which an older database is known for what it is."""

    def __init__(self, key: KeyId, private: bytes, *, earlier: Iterable[KeyId] = ()) -> None:
        self.key = key
        self.earlier = tuple(earlier)
        self._private = Ed25519PrivateKey.from_private_bytes(private)

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public half."""
        return self._private.public_key().public_bytes_raw()

    def mark(self, fleet: FleetId, vm: VmUuid, generation: int) -> OwnershipMark:
        """A mark that says: this VM is of this fleet."""
        signature = self._private.sign(signed_bytes(fleet, vm, generation, self.key))
        return OwnershipMark(
            fleet=fleet, vm=vm, generation=generation, key=self.key, signature=signature
        )

    def grant(self, unsigned: NameGrant) -> NameGrant:
        """`unsigned` with this key's signature."""
        keyed = msgspec.structs.replace(unsigned, key=self.key)
        return msgspec.structs.replace(keyed, signature=self._private.sign(grant_bytes(keyed)))
