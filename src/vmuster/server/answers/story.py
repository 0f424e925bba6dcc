"""A story: why something is as it is, link by link, in words for a tired person and for scripts.

Each link says when, what, who, by which rule, and on what evidence. Ids stand in the evidence; in
the words are names, as far as any is known.
"""

from enum import StrEnum

import msgspec

from vmuster.model.ids import OperationId, VmUuid
from vmuster.reconcile.pages.page import RulePage
from vmuster.reconcile.rules import CATALOGUE


class LinkKind(StrEnum):
    """What a link says; the word that people read before it."""

    ANSWER = "answer"
    BECAUSE = "because"
    SEEN = "seen"
    STANDING = "standing"
    RECORDED = "recorded"
    NOW = "now"
    REASON = "reason"
    REQUEST = "request"
    REPORT = "report"
    RULE = "rule"
    PROOF = "proof"
    HELD = "held"
    COMMAND = "command"
    RESULT = "result"
    ENDED = "ended"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link of the chain report → standing → rule → proof → command → result.

    `at`: when, in epoch seconds. `rule`: the rule by which it is so, and `see` where its page is.
    """

    kind: LinkKind
    what: str
    at: float | None = None
    who: str = ""
    rule: str = ""
    see: str = ""
    evidence: dict[str, object] = {}


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """One act, with its links in order."""

    title: str
    at: float | None
    operation: OperationId | None = None
    links: tuple[Link, ...] = ()


class About(StrEnum):
    """What a story is told of."""

    VM = "vm"
    OPERATION = "operation"
    COMMAND = "command"
    PLAN = "plan"
    ENTRY = "entry"


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to "why?". `what`, `why` and `proof` are the whole of it in three links.

    `ended`: why it was stopped; empty where it runs, or is not known to have ended. `state`: how it
    is now. `chapters`: its acts, and `concluded`: what was concluded of it, each the newest first.
    """

    about: About
    reference: str
    name: str
    vm: VmUuid | None
    what: Link
    why: Link
    proof: Link
    ended: tuple[Link, ...] = ()
    state: tuple[Link, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    concluded: tuple[Link, ...] = ()


def ruled(link: Link, rule: RulePage | str | None) -> Link:
    """`link`, by this rule; unchanged where there is none, or none that has a page."""
    page = CATALOGUE.get(rule) if isinstance(rule, str) else rule
    return link if page is None else msgspec.structs.replace(link, rule=page.name, see=page.link)
