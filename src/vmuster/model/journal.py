"""The journal: what was decided, asked, sent and answered, with its evidence; never rewritten."""

from enum import StrEnum

import msgspec

from vmuster.model.ids import ClusterName, CommandId, HostId, OperationId, VmUuid


class EntryKind(StrEnum):
    DECISION = "decision"
    """A pass came to a new conclusion about a VM."""
    COMMAND = "command"
    """A command was put into the outbox: the intent, before the deed (L12)."""
    RESULT = "result"
    """An agent answered a command."""
    REQUEST = "request"
    """A person asked for something."""
    AUDIT = "audit"
    """A person changed a host, a cluster or a policy."""
    ALERT = "alert"
    """Something a person should look at."""
    HELD = "held"
    """A plan was held."""


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journal. The store gives rising ids. `evidence` is plain JSON data."""

    at: float
    kind: EntryKind
    actor: str
    what: str
    rule: str = ""
    host: HostId | None = None
    cluster: ClusterName | None = None
    vm: VmUuid | None = None
    name: str = ""
    operation: OperationId | None = None
    command: CommandId | None = None
    evidence: dict[str, object] = {}
    id: int = 0
