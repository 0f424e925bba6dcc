"""The page of one rule, and the laws that rules serve."""

from enum import StrEnum
from typing import Final

import msgspec


class Family(StrEnum):
    """What a rule decides. Values are the words that stand in JSON and in the catalogue."""

    STANDING = "standing"
    DECISION = "decision"
    ABSENCE = "absence"
    MOVE = "move"
    PROOF = "proof"
    IDLE = "idle"
    PACE = "pace"
    LIMIT = "limit"
    HOLD = "hold"
    GUARD = "guard"
    REQUEST = "request"
    HOST = "host"


FAMILIES: Final[dict[Family, str]] = {
    Family.STANDING: "What an observed VM is to us: twelve rules in order, the first that fits.",
    Family.DECISION: "What is concluded about a VM of ours that was seen.",
    Family.ABSENCE: "What a report is worth that does not show a VM of ours.",
    Family.MOVE: "Whether the record follows a VM that was seen away from home.",
    Family.PROOF: "Why there is no proof that a VM may be stopped, or may be started here.",
    Family.IDLE: "Why nothing at all is done automatically on a host now: the first that holds.",
    Family.PACE: "When an automatic act has to wait.",
    Family.LIMIT: "How much may happen by itself.",
    Family.HOLD: "What waits for a person, and what they said.",
    Family.GUARD: "Why an agent refuses an order, judged on the live VM a moment before the deed.",
    Family.REQUEST: "Why a person's request about a VM is refused.",
    Family.HOST: "What is concluded about a host, about our own database, or of whoever asks.",
}
"""The families in the order in which they are told, each in one sentence."""

LAWS: Final[dict[str, str]] = {
    "L1": "Never touch what is not provably ours. Any doubt: refuse, and say why.",
    "L2": "At most one running copy of a VM of ours in the fleet.",
    "L3": "No acknowledged request is lost, and each takes effect at most once.",
    "L4": "It converges: records become what hosts show, and VMs what was asked for.",
    "L5": "Numbers of marks and of connections never go backwards at a host.",
    "L6": "Observation is true: an error, an empty list or silence is no information.",
    "L7": "An older report never overwrites a newer one; between hosts there is no clock.",
    "L8": "No mass action: what happens by itself stays inside budgets, or waits for a person.",
    "L9": "A deleted VM does not come back, and a VM that we do not know is not deleted.",
    "L10": "Everything is bounded; what is too much is refused.",
    "L11": "With every server off, no VM changes state because of us.",
    "L12": "Before each act, who, by which rule and on what evidence is written down.",
    "L13": "One host, hypervisor or VM that hangs holds up no other.",
}
"""The laws, each in one sentence."""

DOCUMENT: Final = "docs/rules.md"


class RulePage(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, in words.

    `name` is what a decision or a journal entry bears as its rule, and the anchor of its page.
    `when`: one sentence that says when it applies. `follows`: what then happens. `why`: why it is
    so; `laws`: the laws that it serves. `remedy`: what a person can do. `says`: the words by which
    it is recognized where it is told without its name, empty where it always has its name.
    """

    name: str
    family: Family
    when: str
    follows: str
    why: str
    remedy: str
    laws: tuple[str, ...] = ()
    says: str = ""

    @property
    def link(self) -> str:
        """Where its page stands."""
        return f"{DOCUMENT}#{self.name}"
