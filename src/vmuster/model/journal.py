"""The journal: what was decided, asked, sent and answered, with its evidence; never rewritten.

Its entries hang together: each bears a hash over itself and the hash of the one before it, so that
whoever changes, removes or slips in an entry has to change every later one, and whoever has written
down one hash since then notices (T31).
"""

import hashlib
from enum import StrEnum
from operator import attrgetter
from typing import Final

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
    """One line of the journal. The store gives rising ids without gaps, and with each the `chain`:
    64 hex digits, see `link`. `name`: of the VM, or of a host that was removed. `evidence` is plain
    JSON data."""

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
    chain: str = ""


_LINKED: Final = attrgetter(*(name for name in JournalEntry.__struct_fields__ if name != "chain"))
FIRST_LINK: Final = "0" * 64
"""What stands in the place of the hash before the first entry."""


def link(before: str, entry: JournalEntry) -> str:
    """The `chain` of `entry`, whose id is given; `before`: that of the entry before it.

    SHA-256, 64 hex digits, over the JSON array of `before` and the entry's fields in their order.
    """
    return hashlib.sha256(msgspec.json.encode([before, *_LINKED(entry)])).hexdigest()
