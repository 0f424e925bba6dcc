"""How a host is reached, as a request may say it: a table of plain fields, and never a URI (T08).

Here the sizes are bounded; what an address, a user or a key may look like is for the server to say.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypeAliasType

from vmuster.model.host import LocalProfile, LoopbackProfile, Profile, SshProfile, TlsProfile

Port = Annotated[int, Field(ge=1, le=65535)]
Address = Annotated[str, Field(min_length=1, max_length=255)]
"""A DNS name, or an IPv4 or IPv6 address."""
_Word = Annotated[str, Field(max_length=64)]
_Scope = Literal["system", "session"]


class _Profile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LocalBody(_Profile):
    """The hypervisor on the server's own machine."""

    kind: Literal["local"]
    scope: _Scope = "system"

    def profile(self) -> Profile:
        """As the model's value."""
        return LocalProfile(scope=self.scope)


class LoopbackBody(_Profile):
    """A session daemon on a port of 127.0.0.1, for demos and tests."""

    kind: Literal["loopback"]
    port: Port

    def profile(self) -> Profile:
        """As the model's value."""
        return LoopbackProfile(port=self.port)


class SshBody(_Profile):
    """A hypervisor reached over ssh. `host_key`: the one key that it may show, `TYPE BASE64`;
    `credential`: a stored private key, empty for the keys of the server's own user."""

    kind: Literal["ssh"]
    address: Address
    host_key: Annotated[str, Field(min_length=1, max_length=4096)]
    port: Port = 22
    user: _Word = "root"
    scope: _Scope = "system"
    credential: _Word = ""

    def profile(self) -> Profile:
        """As the model's value."""
        return SshProfile(
            address=self.address,
            host_key=self.host_key,
            port=self.port,
            user=self.user,
            scope=self.scope,
            credential=self.credential,
        )


class TlsBody(_Profile):
    """A hypervisor reached over mutual TLS. `credential`: a stored set of certificates, empty for
    the ones that libvirt finds on the server's machine."""

    kind: Literal["tls"]
    address: Address
    port: Port = 16514
    scope: _Scope = "system"
    credential: _Word = ""

    def profile(self) -> Profile:
        """As the model's value."""
        return TlsProfile(
            address=self.address, port=self.port, scope=self.scope, credential=self.credential
        )


ProfileBody = TypeAliasType(
    "ProfileBody",
    Annotated[LocalBody | LoopbackBody | SshBody | TlsBody, Field(discriminator="kind")],
)
