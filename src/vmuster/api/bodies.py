"""What a request may say. Strict: an unknown field or a wrong type is refused, never guessed."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vmuster.model.host import LocalProfile, LoopbackProfile, Profile
from vmuster.model.states import HostMode

Name = Annotated[str, Field(max_length=256)]
"""A bound for reading; what a name may be is for the server to say."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LocalBody(_Body):
    """The hypervisor on the server's own machine."""

    kind: Literal["local"]
    scope: Literal["system", "session"] = "system"

    def profile(self) -> Profile:
        """As the model's value."""
        return LocalProfile(scope=self.scope)


class LoopbackBody(_Body):
    """A session daemon on a port of 127.0.0.1, for demos and tests."""

    kind: Literal["loopback"]
    port: Annotated[int, Field(ge=1, le=65535)]

    def profile(self) -> Profile:
        """As the model's value."""
        return LoopbackProfile(port=self.port)


class NewHost(_Body):
    """A host to add. It begins in OBSERVE: nothing is changed there."""

    name: Name
    cluster: Name = "default"
    profile: Annotated[LocalBody | LoopbackBody, Field(discriminator="kind")]


class HostChange(_Body):
    """What may be changed of a host."""

    mode: Annotated[HostMode, Field(strict=False)]


class NewCluster(_Body):
    """A cluster to add, with the default policy."""

    name: Name


PolicySettings = Annotated[
    dict[
        Annotated[str, Field(max_length=64)],
        Annotated[str, Field(max_length=64)]
        | bool
        | int
        | Annotated[float, Field(allow_inf_nan=False)],
    ],
    Field(max_length=64),
]
"""Settings of a policy by name; text is read as the setting's type."""


class Adoption(_Body):
    """`host`: where the VM was seen, where that is several; `name`: its record's name."""

    host: Name = ""
    name: Name = ""


class Stop(_Body):
    """`force`: without asking the guest."""

    force: bool = False
