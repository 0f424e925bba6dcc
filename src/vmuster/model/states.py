"""The words for states, modes and judgements: every enum of the project's vocabulary.

Values are the lower-case words that stand in JSON, in the database and on the command line.
"""

from enum import StrEnum


class DesiredState(StrEnum):
    """What was asked for."""

    RUNNING = "running"
    STOPPED = "stopped"
    ABSENT = "absent"


class PowerState(StrEnum):
    """What a hypervisor showed. UNKNOWN is no information, never a kind of stopped."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CRASHED = "crashed"
    UNKNOWN = "unknown"


class PowerReason(StrEnum):
    """Why a VM is in its power state, where the hypervisor says so."""

    UNKNOWN = "unknown"
    GUEST = "guest"
    """The guest (or an ACPI request to it) ended it."""
    HAND = "hand"
    """Somebody ended, started or paused it through the hypervisor."""
    SAVED = "saved"
    """Its memory lies on disk; a start continues it."""
    MIGRATED = "migrated"
    """It left for another host, or came from one."""
    MIGRATING = "migrating"
    """Paused only while its memory travels."""
    IO_ERROR = "io_error"
    SNAPSHOT = "snapshot"
    FAILED = "failed"
    """The hypervisor could not start it."""
    CRASHED = "crashed"


class VmPhase(StrEnum):
    """Where a VM stands in its life, as recorded."""

    PENDING = "pending"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    MIGRATING = "migrating"
    MISSING = "missing"
    FAILED = "failed"
    DELETING = "deleting"
    DELETED = "deleted"


class HostMode(StrEnum):
    """What we may do on a host. OBSERVE, the default, opens the connection read-only."""

    OBSERVE = "observe"
    MANAGE = "manage"
    CORDONED = "cordoned"
    MAINTENANCE = "maintenance"


class HostHealth(StrEnum):
    UP = "up"
    SUSPECT = "suspect"
    UNREACHABLE = "unreachable"
    FENCED = "fenced"


class Completeness(StrEnum):
    """COMPLETE names every VM of the host; PARTIAL is positive facts, and silence on the rest."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class MarkVerdict(StrEnum):
    """What the mark on an observed VM turned out to be."""

    NONE = "none"
    OURS = "ours"
    FOREIGN = "foreign"
    COPIED = "copied"
    FORGED = "forged"


class Standing(StrEnum):
    """What an observed VM is to us (`reconcile/standing.py` holds the table)."""

    OWNED = "owned"
    MOVED = "moved"
    DUPLICATE = "duplicate"
    GHOST = "ghost"
    ORPHAN = "orphan"
    LOOKALIKE = "lookalike"
    CLONE = "clone"
    FOREIGN = "foreign"
    UNPROVEN = "unproven"
    ALIEN = "alien"


class Finding(StrEnum):
    """What a pass concludes about one VM: its standing where that is not OWNED, else more."""

    MOVED = "moved"
    DUPLICATE = "duplicate"
    GHOST = "ghost"
    ORPHAN = "orphan"
    LOOKALIKE = "lookalike"
    CLONE = "clone"
    FOREIGN = "foreign"
    UNPROVEN = "unproven"
    ALIEN = "alien"
    IN_SYNC = "in_sync"
    STARTED_OUTSIDE = "started_outside"
    STOPPED_OUTSIDE = "stopped_outside"
    CRASHED = "crashed"
    PAUSED = "paused"
    MISSING = "missing"
    IN_FLIGHT = "in_flight"
    UNCLEAR = "unclear"


class UnknownVms(StrEnum):
    """What may happen to VMs without a record: a ladder, each rung includes the ones before it."""

    LEAVE = "leave"
    STOP_BY_MARK = "stop-by-mark"
    STOP_BY_NAME = "stop-by-name"


class Drift(StrEnum):
    """Who wins when an owned VM was started or stopped outside: reality, or what was asked for."""

    RECORD = "record"
    ENFORCE = "enforce"


class Restart(StrEnum):
    NEVER = "never"
    ON_CRASH = "on-crash"
    ALWAYS = "always"


class StopMethod(StrEnum):
    """How a VM is ended. SAVE keeps its memory on disk; where that fails, nothing is ended."""

    SHUTDOWN = "shutdown"
    FORCE = "force"
    SAVE = "save"


class ProofKind(StrEnum):
    RECORD = "record"
    """A live record and a good mark agree."""
    MARK = "mark"
    """A tombstone and a good mark agree."""
    NAME = "name"
    """A person granted it for this cluster, and the VM bears a name of ours and no mark at all."""


class CommandOutcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class OperationKind(StrEnum):
    START = "start"
    STOP = "stop"
    ADOPT = "adopt"
    RELEASE = "release"


class OperationState(StrEnum):
    """PENDING: no command yet; RUNNING: its command is on the way; the others are final."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Act(StrEnum):
    """What may be done on a host, for the table of modes (`model/modes.py`)."""

    LOOK = "look"
    ADOPT = "adopt"
    RELEASE = "release"
    START = "start"
    STOP = "stop"
    AUTOMATIC = "automatic"
