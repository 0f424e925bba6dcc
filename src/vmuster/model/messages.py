"""What travels between a server and an agent: one format, tagged, size-capped before parsing.

    agent → server   Hello  HostReport(ed)  CommandResult(ed)  Trouble  Heartbeat
    server → agent   Welcome  Look  Orders  Goodbye

Neither side waits for an answer to a message: what is lost is said again (greetings, reports,
settings), sent again (commands keep their id) or asked again.
"""

import hashlib
from typing import Annotated, Final

import msgspec

from vmuster.model.commands import Command, CommandResult
from vmuster.model.host import HostFacts, NameGrant
from vmuster.model.ids import CommandId, FleetId, HostId, VmUuid
from vmuster.model.report import Fact, HostReport, Number, Stamp
from vmuster.model.states import HostMode

COMMANDS_NAMED_MAX: Final = 16
"""Commands that a greeting names: an older database knows none of the last ones."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is told by its server: the host's mode, whose marks count, and the pace.

    `automatic`: whether automation is armed there, so that orders which no person asked for may be
    carried out. `quarantined`: whether the fleet is in quarantine: then no order is.
    """

    host: HostId
    fleet: FleetId
    instance: str
    public_keys: dict[str, bytes]
    mode: HostMode
    grants: tuple[NameGrant, ...]
    report_seconds: float
    heartbeat_seconds: float = 10.0
    automatic: bool = True
    quarantined: bool = False


def digest_of_settings(settings: Settings) -> str:
    """By which two sides know that they speak of the same settings; 16 hex digits."""
    return hashlib.blake2b(msgspec.json.encode(settings), digest_size=8).hexdigest()


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """The agent has reached its hypervisor.

    `epoch`, `intake`: the highest that this agent has ever been told, as its own journal says;
    `commands`: the last that it began, a few. A server that knows of less, or does not know one of
    the commands, has an older database than it once had.
    """

    host: HostId
    facts: HostFacts
    epoch: Number = 0
    intake: Number = 0
    commands: Annotated[tuple[CommandId, ...], msgspec.Meta(max_length=COMMANDS_NAMED_MAX)] = ()


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, tag="heartbeat"):
    """A sign of life, apart from reports: no look and no act delays it.

    `answers`: whether the hypervisor answered on a connection of its own. `alive`: where it did
    not, whether its host does; None where there is no way to tell. `why`: what was heard instead.
    `epoch`: under which the agent was welcome, 0 before; `settings`: the digest of those that it
    goes by. A server that has told it others finds that they were lost on the way.
    """

    host: HostId
    answers: bool
    alive: bool | None = None
    why: str = ""
    epoch: Number = 0
    settings: Fact = ""


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """A report. It travels in two parts (`wire`): what it says is mostly what was said before."""

    report: HostReport


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it came in: which it is, and its account as bytes that nobody has read yet, but
    for their digest."""

    stamp: Stamp
    account: memoryview
    digest: str


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag="answered"):
    result: CommandResult


class Trouble(msgspec.Struct, frozen=True, kw_only=True, tag="trouble"):
    """The agent is alive and has no account to give, and why. Never a report without VMs (L6)."""

    host: HostId
    what: str


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag="welcome"):
    """The epoch issued, durably, for this connection, and the settings that hold in it. `known`:
    the VMs that were seen on the host, or should be there: a list without them is asked after."""

    epoch: int
    settings: Settings
    intake: int
    known: tuple[VmUuid, ...] = ()


class Configure(msgspec.Struct, frozen=True, kw_only=True, tag="configure"):
    """New settings within the epoch (a mode was changed, a grant withdrawn)."""

    settings: Settings


class Look(msgspec.Struct, frozen=True, kw_only=True, tag="look"):
    """Look again, at these VMs or (none named) all. `intake` becomes `asked_after`."""

    intake: int
    vms: tuple[VmUuid, ...] = ()


class Orders(msgspec.Struct, frozen=True, kw_only=True, tag="orders"):
    """Commands, to be carried out in this order. They may come again under the same ids."""

    commands: tuple[Command, ...]
    intake: int


class Acknowledged(
    msgspec.Struct, frozen=True, kw_only=True, tag="acknowledged", omit_defaults=True
):
    """A report was taken in (or refused as stale) under this intake number; or it was not read at
    all, for a later one of the whole host is here: then it was `superseded`. `retry_after`: so many
    seconds the agent shall not report, but where it is asked to look."""

    epoch: int
    sequence: int
    intake: int
    superseded: bool = False
    retry_after: float = 0.0


ToServer = Hello | Reported | Answered | Trouble | Heartbeat
Heard = Hello | Delivered | Answered | Trouble | Heartbeat
"""What a server hears: of a report no more than which it is, until it is read."""
ToAgent = Welcome | Configure | Look | Orders | Acknowledged
