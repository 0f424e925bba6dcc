"""Every label, and all the values that it can have."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from vmuster.model.automation import HoldState
from vmuster.model.commands import MarkVm, StartVm, StopVm, UnmarkVm
from vmuster.model.journal import EntryKind
from vmuster.model.states import (
    CommandOutcome,
    HostHealth,
    HostMode,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.reconcile.rules import CATALOGUE
from vmuster.server.figures.metric import OTHER, Label

CLUSTERS_MAX: Final = 50
ROUTES_MAX: Final = 200
CODES_MAX: Final = 40


class PassOutcome(StrEnum):
    """UNCHANGED: known by its digest, and nothing to do; SUPERSEDED: not read, for a later account
    is here; TAKEN: applied; HELD: applied, and its automatic acts wait for a person; STALE: a row
    was written in between, and the host is asked again; REFUSED: not believed; FAILED: an error."""

    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    TAKEN = "taken"
    HELD = "held"
    STALE = "stale"
    REFUSED = "refused"
    FAILED = "failed"


class CommitOutcome(StrEnum):
    """WRITTEN; REFUSED by a guard, and nothing of it is written; FAILED: the database gave none."""

    WRITTEN = "written"
    REFUSED = "refused"
    FAILED = "failed"


class Greeting(StrEnum):
    """What became of a greeting."""

    WELCOMED = "welcomed"
    REFUSED = "refused"


class Origin(StrEnum):
    """Who asked."""

    PERSON = "person"
    AUTOMATIC = "automatic"


class DatabaseFile(StrEnum):
    """A file of the database."""

    DATABASE = "database"
    WAL = "wal"


NO_RULE: Final = "none"
NO_ROUTE: Final = "none"
UNKNOWN: Final = "unknown"


def _closed(name: str, what: str, values: Iterable[str]) -> Label:
    return Label(name=name, what=what, values=tuple(values))


CLUSTER: Final = Label(name="cluster", what="the cluster's name", most=CLUSTERS_MAX)
ROUTE: Final = Label(
    name="route", what=f"the route's template; `{NO_ROUTE}`: there is none", most=ROUTES_MAX
)
CODE: Final = Label(name="code", what="the answer's status", most=CODES_MAX)
VERSION: Final = Label(name="version", what="of vmuster", most=1)
PYTHON: Final = Label(name="python", what="version of Python", most=1)
METHOD: Final = _closed(
    "method", "of HTTP", ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", OTHER)
)
HEALTH: Final = _closed("health", "of the host", HostHealth)
MODE: Final = _closed("mode", "of the host", HostMode)
STANDING: Final = _closed("standing", "what it is to us", Standing)
POWER: Final = _closed("power", "as its hypervisor showed it", PowerState)
PHASE: Final = _closed("phase", "as recorded", VmPhase)
OPERATION: Final = _closed("kind", "of operation", OperationKind)
RESULT: Final = _closed("result", "how it ended", (OperationState.DONE, OperationState.FAILED))
ORIGIN: Final = _closed("origin", "who asked", Origin)
COMMAND: Final = _closed(
    "command",
    "which command",
    (str(each.__struct_config__.tag) for each in (StartVm, StopVm, MarkVm, UnmarkVm)),
)
ANSWER: Final = _closed(
    "outcome", "what the agent said; `unknown`: the wait was given up", (*CommandOutcome, UNKNOWN)
)
ACT: Final = _closed("act", "which act", (OperationKind.START, OperationKind.STOP))
PASS: Final = _closed("outcome", "what became of the report", PassOutcome)
COMMIT: Final = _closed("outcome", "what became of the set of changes", CommitOutcome)
RULE: Final = _closed(
    "rule",
    f"the [rule](rules.md); `{NO_RULE}`: it goes by none",
    (*CATALOGUE, NO_RULE, OTHER),
)
ENTRY: Final = _closed("kind", "of entry", EntryKind)
HOLD: Final = _closed("state", "of the plan", HoldState)
GREETING: Final = _closed("outcome", "what became of it", Greeting)
FILE: Final = _closed("file", "`wal`: what is not yet in the database file itself", DatabaseFile)
