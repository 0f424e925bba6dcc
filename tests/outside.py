"""What lies outside a server's database, in the hand of a test: keys, seals, what ssh shows."""

from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.ids import KeyId
from vmuster.model.keys import Credential
from vmuster.server.secrets.host_keys import HostKey
from vmuster.server.secrets.signing import Signer


def new_signer(*earlier: KeyId) -> Signer:
    """A signer with a fresh key."""
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    return Signer(KeyId(uuid4()), private, earlier=earlier)


class HandRing:
    """Implements `server.rotation.KeyRing`: the key that signs, and a staged one."""

    def __init__(self) -> None:
        self.signer = new_signer()
        self.staged: Signer | None = None

    def make(self) -> Signer:
        if self.staged is None:
            self.staged = new_signer(*self.signer.earlier, self.signer.key)
        return self.staged

    def settle(self, key: KeyId) -> None:
        if self.staged is not None and self.staged.key == key:
            self.signer, self.staged = self.staged, None
        elif self.signer.key != key:
            raise Corrupt("the staged signing key is gone")


class HandSealer:
    """Implements `server.credentials.Sealer`: turned round, so that nothing is found in it.

    `first`: whether the last one was said to be the first."""

    first: bool | None = None

    def seal(self, credential: Credential, secret: bytes, *, first: bool) -> bytes:
        assert credential.sealed == b""
        self.first = first
        return secret[::-1]

    def open(self, credential: Credential) -> bytes:
        return credential.sealed[::-1]


class HandHostKeys:
    """Implements `server.host_keys.KeyScan`: the keys that were put in, by address and port."""

    def __init__(self) -> None:
        self.shown: dict[tuple[str, int], tuple[HostKey, ...]] = {}
        self.trusted: dict[tuple[str, int], tuple[HostKey, ...]] = {}

    async def scan(self, address: str, port: int) -> tuple[HostKey, ...]:
        if (address, port) not in self.shown:
            raise Unavailable(f"{address} shows no key")
        return self.shown[address, port]

    async def known(self, address: str, port: int) -> tuple[HostKey, ...]:
        return self.trusted.get((address, port), ())
