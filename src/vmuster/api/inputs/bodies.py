"""What a request may say. Strict: an unknown field or a wrong type is refused, never guessed."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from typing_extensions import TypeAliasType

from vmuster.api.inputs.profiles import Address, Port, ProfileBody
from vmuster.model.states import HostMode
from vmuster.server.requests.arming import ArmingScope
from vmuster.server.requests.editing import HostEdit
from vmuster.server.requests.recordings import HOURS, HOURS_MAX, MIB, MIB_MAX

Name = Annotated[str, Field(max_length=256)]
"""A bound for reading; what a name may be is for the server to say."""
Pem = Annotated[SecretStr, Field(min_length=1, max_length=65_536)]
"""A key or certificates as text. It is shown by nothing that prints a body."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class NewHost(_Body):
    """A host to add. It begins in OBSERVE: nothing is changed there."""

    name: Name
    cluster: Name = "default"
    profile: ProfileBody


class HostChange(_Body):
    """What may be changed of a host; what is null stays. A profile is said as a whole. `shared`: it
    is known that another fleet marks VMs there."""

    name: Name | None = None
    mode: Annotated[HostMode | None, Field(strict=False)] = None
    profile: ProfileBody | None = None
    shared: bool = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.name is None and self.mode is None and self.profile is None:
            raise ValueError("say a name, a mode or a profile")
        return self

    @property
    def only_mode(self) -> bool:
        """Whether nothing but the mode is to be changed."""
        return self.name is None and self.profile is None

    def edit(self) -> HostEdit:
        """As the server takes it."""
        return HostEdit(
            name=self.name,
            mode=self.mode,
            profile=None if self.profile is None else self.profile.profile(),
            shared=self.shared,
        )


class HostIdentity(_Body):
    """The uuid that a host claims, as it was shown, for a person to accept."""

    uuid: Annotated[UUID, Field(strict=False)]


class KeyQuestion(_Body):
    """Where to ask for the keys that an ssh server shows."""

    address: Address
    port: Port = 22


class NewCluster(_Body):
    """A cluster to add, with the default policy."""

    name: Name


SettingValue = TypeAliasType(
    "SettingValue",
    Annotated[str, Field(max_length=64)]
    | bool
    | int
    | Annotated[float, Field(allow_inf_nan=False)],
)
PolicySettings = TypeAliasType(
    "PolicySettings",
    Annotated[
        dict[Annotated[str, Field(max_length=64)], SettingValue],
        Field(max_length=64),
    ],
)
"""Settings of a policy by name; text is read as the setting's type."""


class Automation(_Body):
    """Whether vmuster may act by itself: in the fleet (no name), a cluster, or on a host."""

    scope: Annotated[ArmingScope, Field(strict=False)]
    name: Name = ""
    armed: bool
    why: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.scope is ArmingScope.FLEET) is bool(self.name):
            raise ValueError("a cluster or a host is named, the fleet is not")
        return self


class WhatIf(_Body):
    """Whose next pass to look at: one host, a cluster's hosts, or (neither) everybody's; and what
    is assumed to be otherwise."""

    host: Name = ""
    cluster: Name = ""
    settings: PolicySettings = {}
    mode: Annotated[HostMode | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.host and self.cluster:
            raise ValueError("say a host or a cluster, not both")
        return self


class SshSecret(_Body):
    """A private key for ssh."""

    kind: Literal["ssh"]
    key: Pem

    def secret(self) -> bytes:
        """As the server takes it."""
        return _joined(self.key)


class TlsSecret(_Body):
    """What a client needs for mutual TLS: the authority to trust, its certificate and its key."""

    kind: Literal["tls"]
    ca: Pem
    certificate: Pem
    key: Pem

    def secret(self) -> bytes:
        """As the server takes it: one after the other."""
        return _joined(self.key, self.certificate, self.ca)


def _joined(*texts: SecretStr) -> bytes:
    lines = (text.get_secret_value().rstrip() + "\n" for text in texts)
    return "".join(lines).encode("utf-8", "replace")


class Leaving(_Body):
    """`without`: hosts that are not waited for, though they are heard of."""

    without: Annotated[list[Name], Field(max_length=1000)] = []


class Adoption(_Body):
    """`host`: where the VM was seen, where that is several; `name`: its record's name."""

    host: Name = ""
    name: Name = ""


class NewRecording(_Body):
    """`hours`: how long to record; `max_mib`: how much is kept of it (compressed), the newest."""

    hours: Annotated[int, Field(ge=1, le=HOURS_MAX)] = HOURS
    max_mib: Annotated[int, Field(ge=1, le=MIB_MAX)] = MIB


class Stop(_Body):
    """`force`: without asking the guest."""

    force: bool = False
