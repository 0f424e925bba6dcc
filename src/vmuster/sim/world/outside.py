"""What lies outside a simulated server's database: its keys, and a world it never writes to."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.ids import KeyId
from vmuster.server.checkup.place import Place
from vmuster.server.secrets.credentials import Sealable
from vmuster.server.secrets.host_keys import HostKey
from vmuster.server.secrets.signing import Signer
from vmuster.sim.engine.chance import Chance


class SimKeyRing:
    """Implements `server.secrets.rotation.KeyRing`: on a disk that outlives every server."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self.signer = self._new()
        self._staged: Signer | None = None

    def make(self) -> Signer:
        """As `KeyRing.make`."""
        if self._staged is None:
            self._staged = self._new(*self.signer.earlier, self.signer.key)
        return self._staged

    def settle(self, key: KeyId) -> None:
        """As `KeyRing.settle`."""
        if self._staged is not None and self._staged.key == key:
            self.signer, self._staged = self._staged, None
        elif self.signer.key != key:
            raise Corrupt("the staged signing key is gone")

    def load(self, known: KeyId | None) -> Signer:
        """The signer for a database that names this key: the staged one, where it is of that."""
        if self._staged is not None and self._staged.key == known:
            return self._staged
        return self.signer

    def _new(self, *earlier: KeyId) -> Signer:
        private = Ed25519PrivateKey.from_private_bytes(self._chance.bytes(32))
        return Signer(KeyId(self._chance.uuid()), private.private_bytes_raw(), earlier=earlier)


class SimSealer:
    """Implements `server.secrets.credentials.Sealer`; there are no secrets in a simulation."""

    def check(self, *, first: bool) -> None:
        """Everything can be sealed."""

    def seal(self, row: Sealable, secret: bytes, *, first: bool) -> bytes:  # noqa: ARG002
        """As it is."""
        return secret

    def open(self, row: Sealable) -> bytes:
        """As it is."""
        return row.sealed


class NoHostKeys:
    """Implements `server.secrets.host_keys.KeyScan`: nobody speaks ssh here."""

    async def scan(self, address: str, port: int) -> tuple[HostKey, ...]:
        """Nobody is there."""
        raise Unavailable(f"{address}:{port} shows no key")

    async def known(self, address: str, port: int) -> tuple[HostKey, ...]:  # noqa: ARG002
        """None."""
        return ()


class NoPoster:
    """Implements `server.watch.posts.Poster`: nobody takes anything in."""

    def check_form(self, url: str) -> None:
        """Any will do."""

    async def check(self, url: str) -> None:
        """Any will do."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:  # noqa: ARG002
        """Nobody is there."""
        raise Unavailable(f"{url} does not answer")


class NoSurroundings:
    """Implements `server.checkup.place.Surroundings`: there is no machine."""

    def look(self, *, deep: bool) -> Place:  # noqa: ARG002
        """Nothing to be seen."""
        raise Unavailable("a simulated server has no machine")
