"""Rare states, as data: what each is called, and by what it is recognised.

The journal says most of them: by the rule that was followed, or in its words. The rest is seen in
the rows that a commit writes, in the answers of agents, in what is logged, and in the true world.
"""

from typing import Final

from vmuster.model.states import HostHealth, OperationKind, OperationState
from vmuster.reconcile.holds import EMPTIED
from vmuster.server.passes.unheard import TOO_NEW
from vmuster.server.talks.repeats import TURNED_AWAY

BY_RULE: Final = {
    "standing-1": "a VM of another fleet was seen",
    "standing-2": "a clone of a VM of ours was seen",
    "standing-3": "a VM of ours without a good mark was seen",
    "standing-4": "a stranger with a forged mark was seen",
    "standing-5": "a VM was seen running on two hosts",
    "standing-7": "a VM was seen away from home",
    "standing-10": "an orphan was seen",
    "standing-11": "a lookalike was seen",
    "active-elsewhere": "a VM was seen off at home, and running elsewhere",
    "absent-unconfirmed": "an absence was not confirmed",
    "absent-elsewhere": "a VM was absent at home, and seen elsewhere",
    "missing": "a VM was recorded missing",
    "crashed": "a crash was seen",
    "paused": "a paused VM was seen",
    "travels": "a VM was seen while its memory travelled",
    "left-by-migration": "a VM was seen that had left by a migration",
    "unknown": "a VM was seen of which it can't be told whether it runs",
    "stopped-outside": "a VM was stopped outside",
    "stopped-unexplained": "a VM stopped for no reason that anybody witnessed",
    "started-outside": "a VM was started outside",
    "overdue": "an operation was ended without a look",
    TOO_NEW: "a mark showed that the database is an older one",
    TURNED_AWAY: "a host was refused for another one",
}
"""By the rule of a journal entry."""

BY_WORDS: Final = {
    EMPTIED: "an empty list was not believed",
    "the record follows": "a record followed its VM",
    "is asked to look first": "an old home was asked to look",
    "is asked again": "an old home that showed it running was asked again",
    "was approved": "a held plan was approved",
    "was rejected": "a held plan was rejected",
    "in one pass; at most": "a pass was over its budget",
    "within 600 s; at most": "a window was over its budget",
    "nothing is done automatically in cluster": "the breaker opened",
    "the breaker is closed again": "the breaker closed",
    "the breaker of": "an act was kept back by the breaker",
    "the database is older than the hosts": "a greeting showed that the database is an older one",
    "the quarantine was left": "a quarantine was left",
    "it was away when a quarantine was left": "a host came back after a quarantine",
    "so soon after a start": "an act was kept back by the quiet time",
    "automation is disarmed on": "an act was kept back by a disarming",
    ", not up": "an act was kept back by the health of its host",
    "starts without a good run": "a restart was given up",
    "we have given none above": "an agent remembered a number that was never given",
    "of which we know nothing": "an agent remembered a command that nobody knows",
    "the clock of the server jumped": "the clock of the server jumped",
    "the host itself lives": "a host lived whose hypervisor did not answer",
    "says that no copy of it is left": "a person gave their word that no copy is left",
    "nobody confirmed that no process is left": "a start was refused for a copy that may be left",
    "the same VM is also seen on another host": "an act was refused for a copy elsewhere",
    "not reached before its deadline": "an operation was not reached in time",
    "it was done, and then seen": "what was done was undone before it was seen",
    "begun before the agent stopped": "an agent answered from its journal",
    "its call, which had been given up, came back": "a call that was given up came back",
    "its guest did not obey": "a guest did not obey",
}
"""By words in a journal entry."""

REFUSALS: Final = {
    "the order was decided in another connection": "an order of another connection was refused",
    "the order is too old": "an order that came too late was refused",
    "the fleet is in quarantine": "an order was refused for the quarantine",
    "the host's mode does not allow it": "an order was refused for the mode of its host",
    "automation is disarmed": "an order was refused for a disarming",
    "it does not bear the mark that it bore": "an order was refused for another mark",
    "bear different marks": "an order was refused for two marks of one VM",
    "it is not plainly running": "an order to stop was refused, for it was not plainly running",
    "it is not plainly stopped": "an order to start was refused, for it was not plainly stopped",
    "a process of it is running": "a second start was refused by what a witness saw",
    "it left this host by a migration": "a start was refused for a migration",
    "started again since": "an end by force was refused, for it was started again",
    "it is saved to disk": "a mark was refused on a saved VM",
    "it is transient": "a mark was refused on a transient VM",
    "the agent makes sure": "an order came while it was not sure whose host it is",
    "its database is older than it once was": "an order was refused for an epoch given twice",
}
"""By words in the answer of an agent that refuses."""

BY_LOG: Final = {
    "conversation ended": "a conversation ended by an error",
    "not taken in": "a report found no database",
    "not told yet": "an agent could not be told, for want of the database",
    "round given up": "a sweep was given up",
    "this server stood still": "a server stood still, and went on",
    "the journal could not be written": "an agent's journal could not be written",
    "the journal is damaged": "an agent's journal was damaged",
}
"""By the event of a line of the log."""

BY_HEALTH: Final = {
    (HostHealth.UP, HostHealth.SUSPECT): "a host became suspect",
    (HostHealth.SUSPECT, HostHealth.UNREACHABLE): "a suspect host became unreachable",
    (HostHealth.UNREACHABLE, HostHealth.SUSPECT): "an unreachable host gave a sign of life",
    (HostHealth.SUSPECT, HostHealth.UP): "a suspect host came back",
}
"""By how the health of a host changes."""

BY_END: Final = {
    (OperationKind.ADOPT, OperationState.FAILED): "an adoption failed",
    (OperationKind.RELEASE, OperationState.DONE): "a VM was released",
    (OperationKind.START, OperationState.FAILED): "a start failed",
    (OperationKind.STOP, OperationState.FAILED): "a stop failed",
}
"""By the end of an operation."""

BY_DEED: Final = {
    "force": "a guest was ended by force",
    "save": "a VM was saved to disk",
    "unmark": "a mark was taken out",
}
"""By what the product does to a VM."""

BY_DEATH: Final = {
    "killed before a commit": "a server died before a commit",
    "killed after a commit": "a server died after a commit",
}
"""By why a server died."""

HELD: Final = "a plan was held"
STARTED: Final = "a VM was started by itself"
STOPPED: Final = "a VM was stopped by itself"
UNKNOWN: Final = "the outcome of a command was unknown"
UNKNOWABLE: Final = "a second copy was started of which nobody could know"
UNSEEN: Final = "a VM was recorded missing that runs where nobody looked"
STALE: Final = "an older account arrived"
MET: Final = "two wrote at the same moment"
REPEATED: Final = "a request was answered a second time"
FLAPPED: Final = "a host flapped"
TRIED: Final = "a start was tried again"
RESTORED: Final = "an older database was put in its place"
_ALONE: Final = (
    HELD,
    STARTED,
    STOPPED,
    UNKNOWN,
    UNKNOWABLE,
    UNSEEN,
    STALE,
    MET,
    REPEATED,
    FLAPPED,
    TRIED,
    RESTORED,
)
"""Recognised each in its own way."""

CATALOGUE: Final = (
    *BY_RULE.values(),
    *BY_WORDS.values(),
    *REFUSALS.values(),
    *BY_LOG.values(),
    *BY_HEALTH.values(),
    *BY_END.values(),
    *BY_DEED.values(),
    *BY_DEATH.values(),
    *_ALONE,
)
"""All of them."""
