"""The story of any one thing: a VM, an operation, a command, a held plan, or a journal entry."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from vmuster.model.automation import HeldAct, HeldPlan, HoldState
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import NotFound
from vmuster.model.ids import HostId, OperationId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AGENT, AUTOMATIC, Operation
from vmuster.model.states import OperationState
from vmuster.model.text import visible
from vmuster.ports.store import Store
from vmuster.reconcile.pages.page import Family
from vmuster.reconcile.rules import CATALOGUE, spoken
from vmuster.server.answers.chapters import Past, chapter, command_links
from vmuster.server.answers.explaining import explained
from vmuster.server.answers.meant import Meant, meant, plan_entry
from vmuster.server.answers.remembering import names_of, past_of
from vmuster.server.answers.story import About, Chapter, Link, LinkKind, Story, ruled
from vmuster.server.answers.views import Explanation
from vmuster.server.answers.wording import asked, became, command_link, plain, result_link

_ROWS_MAX: Final = 200
_NOBODY: Final = VmUuid(UUID(int=0))
_UNPROVED: Final = Link(kind=LinkKind.PROOF, what="none: no command was sent that would need one")
_UNKNOWN: Final = Link(kind=LinkKind.BECAUSE, what="the journal does not say why")
_WAITS: Final = "it waits for the next look at its host"
_OF_ACTS: Final = frozenset({EntryKind.REQUEST, EntryKind.COMMAND, EntryKind.RESULT})
_NAMED_MAX: Final = 3
_DECISIONS: Final = {
    HoldState.HELD: "nobody has decided about it yet",
    HoldState.APPROVED: "{by} approved it",
    HoldState.REJECTED: "{by} rejected it",
}


async def told(store: Store, now: float, reference: str, *, limit: int) -> Story:
    """The story of the one thing that `reference` is an id of (see `meant`)."""
    found = await meant(store, reference)
    match found.about:
        case About.VM:
            return (await explained(store, now, VmUuid(found.uuid), limit=limit)).story
        case About.OPERATION:
            return await _of_operation(store, found)
        case About.COMMAND:
            return await _of_command(store, found)
        case About.PLAN:
            return await _of_plan(store, found)
        case About.ENTRY:
            return await _of_entry(store, found)


async def _of_operation(store: Store, found: Meant) -> Story:
    operation = await store.get(Operation, found.uuid)
    if operation is None:
        raise NotFound(f"there is no operation {found.id}")
    past = await _past(store, operation.vm, operation)
    act = chapter(past, operation)
    return Story(
        about=found.about,
        reference=found.id,
        name=visible(operation.name),
        vm=operation.vm,
        what=_wish(operation, past),
        why=_why(operation, act.links),
        proof=_proof(act.links),
        chapters=(act,),
    )


def _wish(operation: Operation, past: Past) -> Link:
    """What was asked for, and what became of it."""
    name, host = visible(operation.name), past.host(operation.host)
    return Link(
        kind=LinkKind.REQUEST,
        what=f"{asked(operation, name)}, on {host}: {became(operation)}",
        at=operation.created_at,
        who=operation.actor,
    )


async def _of_command(store: Store, found: Meant) -> Story:
    sent = await store.get(OutboxCommand, found.uuid)
    if sent is None:
        raise NotFound(f"there is no command {found.id}")
    operation = await store.get(Operation, sent.command.operation)
    past = await _past(store, sent.vm, operation)
    name, host = visible(sent.command.name), past.host(sent.host)
    links = tuple(command_links(past, sent, past.journal))
    said, answered = command_link(sent, host), result_link(sent, host)
    what = msgspec.structs.replace(said, what=f"{name}: {said.what}; {answered.what}")
    return Story(
        about=found.about,
        reference=found.id,
        name=name,
        vm=sent.vm,
        what=what,
        why=_why(operation, links) if operation is not None else _of_rule(links, what),
        proof=_proof(links),
        chapters=(
            Chapter(title=said.what, at=sent.created_at, links=links)
            if operation is None
            else chapter(past, operation),
        ),
    )


async def _of_entry(store: Store, found: Meant) -> Story:
    entry = await store.get(JournalEntry, int(found.id))
    if entry is None:
        raise NotFound(f"there is no journal entry {found.id}")
    operation = await store.get(Operation, entry.operation) if entry.operation else None
    past = await _past(store, entry.vm, operation, entry)
    acts = (chapter(past, operation),) if operation is not None else ()
    links = [link for act in acts for link in act.links]
    return Story(
        about=found.about,
        reference=found.id,
        name=visible(entry.name) or past.host(entry.host or ""),
        vm=entry.vm,
        what=_written(entry, operation, past),
        why=_why_written(entry, operation, links),
        proof=_proof(links),
        chapters=acts,
    )


def _written(entry: JournalEntry, operation: Operation | None, past: Past) -> Link:
    """What an entry says, in the words in which the act itself is told, where it is of one."""
    sent = next((each for each in past.commands if each.id == entry.command), None)
    if entry.kind is EntryKind.REQUEST and operation is not None:
        return _wish(operation, past)
    name = f"{visible(entry.name)}: " if entry.vm is not None and entry.name else ""
    if sent is not None and entry.kind is EntryKind.COMMAND:
        what = command_link(sent, past.host(sent.host)).what
    elif sent is not None and entry.kind is EntryKind.RESULT:
        what = past.named(result_link(sent, past.host(sent.host)).what)
    else:
        by = f", by {entry.actor}" if _is_person(entry) else ""
        what = f"{past.named(plain(entry.what))}{by}"
    link = Link(kind=LinkKind.NOW, what=f"{name}{what}", at=entry.at, who=entry.actor)
    return ruled(link, entry.rule)


def _why_written(entry: JournalEntry, operation: Operation | None, links: Sequence[Link]) -> Link:
    """Why an entry was written: what its act rests on, its rule, or who asked for it."""
    page = CATALOGUE.get(entry.rule)
    if operation is not None and entry.kind in _OF_ACTS:
        return _why(operation, links)
    if page is not None:
        return ruled(Link(kind=LinkKind.RULE, what=page.why), page)
    what = f"{entry.actor} asked for it" if _is_person(entry) else "it is what was seen"
    return Link(kind=LinkKind.BECAUSE, what=what, who=entry.actor)


def _is_person(entry: JournalEntry) -> bool:
    return entry.kind is EntryKind.AUDIT and entry.actor not in (AUTOMATIC, AGENT)


async def _of_plan(store: Store, found: Meant) -> Story:
    (held,) = await store.find(HeldPlan, id=found.uuid, limit=1) or (None,)
    entry = await plan_entry(store, found.uuid) if held is None else None
    if held is not None:
        host, acts, why, at = held.host, held.acts, held.why, held.held_at
    elif entry is not None:
        host, why, at = entry.host or HostId(""), entry.what.partition(": ")[2], entry.at
        acts = msgspec.convert(entry.evidence.get("acts", []), tuple[HeldAct, ...])
    else:
        raise NotFound(f"there is no plan {found.id}")
    names = await names_of(store, {host})
    where, decided = names.get(host, host), _decided(held)
    said = f"vmuster wanted to {_listed(acts)} on {where} by itself, and was held; {decided.what}"
    return Story(
        about=found.about,
        reference=found.id,
        name=where,
        vm=None,
        what=msgspec.structs.replace(decided, kind=LinkKind.HELD, what=said, at=decided.at or at),
        why=ruled(Link(kind=LinkKind.BECAUSE, what=why, at=at), spoken(why, Family.LIMIT)),
        proof=Link(
            kind=LinkKind.PROOF,
            what="none yet: each act is decided and proved anew when it is done",
        ),
        chapters=tuple(_act(act, at, decided) for act in acts),
    )


def _listed(acts: Sequence[HeldAct]) -> str:
    """The first acts of a plan, and how many more there are."""
    first = ", ".join(f"{act.act} {visible(act.name)}" for act in acts[:_NAMED_MAX])
    more = len(acts) - _NAMED_MAX
    return f"{first} and act on {more} more" if more > 0 else first


def _act(act: HeldAct, at: float, decided: Link) -> Chapter:
    because = Link(kind=LinkKind.RULE, what=plain(act.why), at=at, evidence={"vm": str(act.vm)})
    return Chapter(
        title=f"{act.act} {visible(act.name)}", at=at, links=(ruled(because, act.rule), decided)
    )


def _decided(held: HeldPlan | None) -> Link:
    """What a person said of a plan; or that it is over."""
    if held is None:
        over = "it is over: its acts were done, or were asked for no longer"
        return Link(kind=LinkKind.HELD, what=over)
    what = _DECISIONS[held.state].format(by=held.by)
    link = Link(kind=LinkKind.HELD, what=what, at=held.decided_at, who=held.by)
    return ruled(link, "rejected" if held.state is HoldState.REJECTED else "held")


async def _past(
    store: Store, vm: VmUuid | None, operation: Operation | None, entry: JournalEntry | None = None
) -> Past:
    """The past as far as one act goes: its commands and entries, and what was concluded before."""
    commands: Sequence[OutboxCommand] = ()
    journal: Sequence[JournalEntry] = () if entry is None else (entry,)
    if operation is not None and vm is not None:
        sent = await store.find(OutboxCommand, vm=vm, limit=_ROWS_MAX, newest_first=True)
        commands = [each for each in sent if each.command.operation == operation.id]
        journal = await _entries(store, vm, operation.id)
    known = Explanation(
        uuid=vm or _NOBODY,
        vms=(),
        record=None,
        sightings=(),
        operations=() if operation is None else (operation,),
        commands=tuple(commands),
        journal=tuple(journal),
    )
    return await past_of(store, known)


async def _entries(store: Store, vm: VmUuid, operation: OperationId) -> Sequence[JournalEntry]:
    """The entries of an act, and those about its VM until it ended, newest first."""
    own = await store.find(JournalEntry, operation=operation, newest_first=True, readable=True)
    if not own:
        return ()
    known = await store.find(
        JournalEntry,
        vm=vm,
        newest_first=True,
        after=(own[0].id + 1,),
        limit=_ROWS_MAX,
        readable=True,
    )
    others = (entry for entry in known if entry.operation != operation)
    return sorted((*own, *others), key=lambda entry: entry.id, reverse=True)


def _why(operation: Operation, links: Sequence[Link]) -> Link:
    """Why an act was done, or was not; or what it waits for."""
    last = {link.kind: link for link in links}
    ended, result = last.get(LinkKind.ENDED), last.get(LinkKind.RESULT)
    if operation.state is OperationState.FAILED:
        answered = result is not None and result.at is not None and not _was_done(result)
        return (result if answered else ended) or _UNKNOWN
    if operation.open:
        return last.get(LinkKind.NOW) or Link(kind=LinkKind.NOW, what=_WAITS)
    if operation.automatic:
        return last.get(LinkKind.RULE) or _UNKNOWN
    proved = ", and the proof held" if result is not None and _was_done(result) else ""
    what = f"{operation.actor} asked for it{proved}"
    return Link(kind=LinkKind.BECAUSE, what=what, at=operation.created_at, who=operation.actor)


def _was_done(result: Link) -> bool:
    return result.what.startswith("it was done")


def _of_rule(links: Sequence[Link], what: Link) -> Link:
    return next((link for link in links if link.kind is LinkKind.RULE), what)


def _proof(links: Sequence[Link]) -> Link:
    found = next((link for link in links if link.kind is LinkKind.PROOF), None)
    return found or _UNPROVED
