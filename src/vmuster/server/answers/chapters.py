"""Chapters of a story: how each act on a VM came about, from a report to a result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from vmuster.model.automation import Quarantine
from vmuster.model.commands import HomeClearance, MarkVm, OutboxCommand, StartVm, StopVm, UnmarkVm
from vmuster.model.ids import OperationId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import Standing
from vmuster.reconcile.standing import RULES
from vmuster.server.answers.saying import spoken as with_names
from vmuster.server.answers.story import Chapter, Link, LinkKind, ruled
from vmuster.server.answers.wording import (
    asked,
    became,
    command_link,
    ended_link,
    plain,
    proof_link,
    result_link,
)

_CONCLUSIONS: Final = frozenset({EntryKind.DECISION, EntryKind.ALERT})
_UNSEEN: Final = "overdue"


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the past of a VM, each newest first; `names`: of hosts, by their ids.

    `cut`: after so many entries of the journal nobody read on; 0 where there are no more.
    `forgot_until`: our database may have forgotten what was before this moment; 0: it has not.
    `quarantine`: of the fleet, now.
    """

    operations: Sequence[Operation]
    commands: Sequence[OutboxCommand]
    journal: Sequence[JournalEntry]
    names: Mapping[str, str]
    cut: int = 0
    forgot_until: float = 0.0
    quarantine: Quarantine | None = None

    def host(self, host: str) -> str:
        """The name of a host, also of one that was removed; its id where nobody knows it."""
        return self.names.get(host, host)

    def named(self, text: str) -> str:
        """`text` with names of hosts in place of their ids."""
        return with_names(text, self.names)


def chapters(past: Past) -> Iterator[Chapter]:
    """Every act, the newest first."""
    return (chapter(past, operation) for operation in past.operations)


def conclusions(past: Past) -> Iterator[Link]:
    """What was concluded of the VM, the newest first."""
    for entry in past.journal:
        if is_conclusion(entry):
            where, what = past.host(entry.host or ""), past.named(plain(entry.what))
            evidence = dict(entry.evidence)
            link = Link(kind=LinkKind.BECAUSE, what=what, at=entry.at, who=where, evidence=evidence)
            yield ruled(link, entry.rule)


def chapter(past: Past, operation: Operation) -> Chapter:
    """One act, link by link."""
    entries = sorted(
        (e for e in past.journal if e.operation == operation.id), key=lambda entry: entry.id
    )
    commands = sorted(_sent(past, operation.id), key=lambda sent: sent.created_at)
    links = [link for sent in commands for link in command_links(past, sent, entries)]
    if not commands:
        links.append(Link(kind=LinkKind.COMMAND, what="none was sent"))
    ended = ended_link(operation)
    if ended is not None:
        ended = msgspec.structs.replace(ended, what=past.named(ended.what))
        links.append(_by_the_journal(ended, entries))
    return Chapter(
        title=f"{asked(operation)}: {became(operation)}",
        at=operation.created_at,
        operation=operation.id,
        links=tuple(links),
    )


def command_links(
    past: Past, sent: OutboxCommand, entries: Sequence[JournalEntry]
) -> Iterator[Link]:
    """Report, standing, rule, leave, proof, command and result. `entries`: of the same act."""
    host, command = past.host(sent.host), sent.command
    yield from _report(sent, host)
    yield from _standing(past, sent)
    intent = next((e for e in entries if _is_intent(e, sent)), None)
    if intent is not None:
        what = past.named(plain(intent.what))
        yield ruled(Link(kind=LinkKind.RULE, what=what, at=intent.at), intent.rule)
        yield from approval(intent)
    yield proof_link(command)
    yield command_link(sent, host)
    done = {operation.id for operation in past.operations if not operation.open}
    result = result_link(sent, host, over=command.operation in done)
    yield msgspec.structs.replace(result, what=past.named(result.what))


def approval(intent: JournalEntry) -> Iterator[Link]:
    """Who let an act pass that was over a budget."""
    match intent.evidence.get("approved"):
        case {"by": str(by), "plan": str(plan)}:
            what = f"{by} approved it, for it was more than may happen by itself"
            link = Link(kind=LinkKind.HELD, what=what, who=by, evidence={"plan": plan})
            yield ruled(link, "held")
        case _:
            return


def is_conclusion(entry: JournalEntry) -> bool:
    """Whether a journal entry says what a pass concluded about a VM."""
    return entry.kind in _CONCLUSIONS and "finding" in entry.evidence


def _report(sent: OutboxCommand, host: str) -> Iterator[Link]:
    match sent.command:
        case StopVm(proof=basis) | UnmarkVm(proof=basis):
            epoch, sequence = basis.epoch, basis.sequence
        case StartVm(clearance=HomeClearance(epoch=epoch, sequence=sequence)):
            pass
        case StartVm() | MarkVm():
            return
    what = f"{host} showed it, in report {sequence} of connection {epoch}"
    evidence: dict[str, object] = {"epoch": epoch, "sequence": sequence, "host": sent.host}
    yield Link(kind=LinkKind.REPORT, what=what, who=host, evidence=evidence)


def _standing(past: Past, sent: OutboxCommand) -> Iterator[Link]:
    """What the VM was to us when the command was decided."""
    first = min((e.id for e in past.journal if e.command == sent.id), default=0)
    known = next((e for e in past.journal if is_conclusion(e) and e.id < first), None)
    standing = known.evidence.get("standing") if known is not None else None
    rule = next((rule for rule in RULES if rule.standing == standing), None)
    if known is None or rule is None:
        return
    name = known.rule if known.rule.startswith("standing-") else f"standing-{rule.number}"
    what = f"{Standing(rule.standing)}: {rule.when}"
    evidence = dict(known.evidence)
    yield ruled(Link(kind=LinkKind.STANDING, what=what, at=known.at, evidence=evidence), name)


def _sent(past: Past, operation: OperationId) -> list[OutboxCommand]:
    return [sent for sent in past.commands if sent.command.operation == operation]


def _is_intent(entry: JournalEntry, sent: OutboxCommand) -> bool:
    return entry.kind is EntryKind.COMMAND and entry.command == sent.id


def _by_the_journal(ended: Link, entries: Sequence[JournalEntry]) -> Link:
    """By which rule an act ended that nobody saw the end of: the journal says so."""
    unseen = any(entry.rule == _UNSEEN for entry in entries)
    return ruled(ended, _UNSEEN) if unseen else ended
