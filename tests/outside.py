"""What lies outside a server's database, in the hand of a test: keys, seals, what ssh shows."""

from collections.abc import Mapping
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vmuster.model.errors import Corrupt, Refused, Unavailable
from vmuster.model.ids import KeyId
from vmuster.server.secrets.credentials import Sealable
from vmuster.server.secrets.host_keys import HostKey
from vmuster.server.secrets.signing import Signer


def new_signer(*earlier: KeyId) -> Signer:
    """A signer with a fresh key."""
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    return Signer(KeyId(uuid4()), private, earlier=earlier)


class HandRing:
    """Implements `server.secrets.rotation.KeyRing`: the key that signs, and a staged one."""

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
    """Implements `server.secrets.credentials.Sealer`: turned round, so that nothing is found in it.

    `first`: whether the last one was said to be the first."""

    first: bool | None = None

    def check(self, *, first: bool) -> None:
        """Everything can be sealed."""

    def seal(self, row: Sealable, secret: bytes, *, first: bool) -> bytes:
        assert row.sealed == b""
        self.first = first
        return secret[::-1]

    def open(self, row: Sealable) -> bytes:
        return row.sealed[::-1]


class HandHostKeys:
    """Implements `server.secrets.host_keys.KeyScan`: the keys put in, by address and port."""

    def __init__(self) -> None:
        self.shown: dict[tuple[str, int], tuple[HostKey, ...]] = {}
        self.trusted: dict[tuple[str, int], tuple[HostKey, ...]] = {}

    async def scan(self, address: str, port: int) -> tuple[HostKey, ...]:
        if (address, port) not in self.shown:
            raise Unavailable(f"{address} shows no key")
        return self.shown[address, port]

    async def known(self, address: str, port: int) -> tuple[HostKey, ...]:
        return self.trusted.get((address, port), ())


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What was posted somewhere."""

    url: str
    body: bytes
    headers: dict[str, str]

    @property
    def id(self) -> int:
        """The id of the entry that it tells of."""
        return int(self.headers["X-Vmuster-Delivery"])


class HandPoster:
    """Implements `server.watch.posts.Poster`: remembers what was posted. Nothing is taken in at
    urls in `away`, and nothing may be posted where a url has `forbidden` in it."""

    def __init__(self) -> None:
        self.posts: list[Posted] = []
        self.tried: list[Posted] = []
        self.away: set[str] = set()

    def check_form(self, url: str) -> None:
        if "forbidden" in url:
            raise Refused("nothing may be posted there")

    async def check(self, url: str) -> None:
        self.check_form(url)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        post = Posted(url=url, body=body, headers=dict(headers))
        self.tried.append(post)
        if url in self.away:
            raise Unavailable("nobody is there")
        self.posts.append(post)
