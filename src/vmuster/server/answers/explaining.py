"""Why something is as it is: the story of a VM, as it is now and as it came to be.

The words are made here, once, so that the command line, the page and scripts tell the same.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from vmuster.model.ids import VmUuid
from vmuster.model.operations import Operation
from vmuster.model.states import (
    HostHealth,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.text import visible
from vmuster.ports.store import Store
from vmuster.reconcile.pages.page import Family
from vmuster.reconcile.rules import spoken
from vmuster.reconcile.standing import RULES
from vmuster.server.answers.chapters import Past, chapters, conclusions, is_conclusion
from vmuster.server.answers.endings import has_ended, why_ended
from vmuster.server.answers.remembering import past_of
from vmuster.server.answers.saying import hosts_of
from vmuster.server.answers.story import About, Link, LinkKind, Story, ruled
from vmuster.server.answers.views import Explanation, VmView, explanation
from vmuster.server.answers.wording import REASONS, bare, kept_back
from vmuster.server.talks.repeats import TROUBLE

_OURS: Final = frozenset({Standing.OWNED, Standing.MOVED, Standing.DUPLICATE})
_BESIDES: Final = {
    Standing.MOVED: ", away from home",
    Standing.DUPLICATE: ", and on another host too",
    Standing.GHOST: ", though we deleted it",
    Standing.ORPHAN: " with our mark, and our records do not know it",
    Standing.LOOKALIKE: ", and is not ours, though its name looks so",
    Standing.CLONE: ": a copy of one of our VMs",
    Standing.FOREIGN: ", and belongs to another fleet",
    Standing.UNPROVEN: ", and can't be proved to be ours",
    Standing.ALIEN: ", and is not ours",
}
_POWERS: Final = {
    PowerState.RUNNING: "{name} runs on {host}",
    PowerState.PAUSED: "{name} is paused on {host}",
    PowerState.STOPPED: "{name} is stopped on {host}",
    PowerState.CRASHED: "{name} crashed on {host}",
    PowerState.UNKNOWN: "{host} does not say whether {name} runs",
}
_STANDING_RULE: Final = re.compile(r"; rule ([0-9]+): ")
_UUID: Final = re.compile(r" \([0-9a-f-]{36}\)")
"""An id behind a name, which says enough."""
_FORGOTTEN: Final = "forgotten with host "
_RECORD_DROPPED: Final = "forgotten: "


class VmExplanation(Explanation, frozen=True, kw_only=True):
    """Everything that answers "why" about a VM, and the same as a story."""

    story: Story


async def explained(store: Store, now: float, uuid: VmUuid, *, limit: int) -> VmExplanation:
    """Why a VM is as it is, or is no more; at most `limit` of each kind of history."""
    known = await explanation(store, now, uuid, limit=limit)
    past = await past_of(store, known, limit=limit)
    fields = {name: getattr(known, name) for name in Explanation.__struct_fields__}
    return VmExplanation(**fields, story=_story(known, past, now, await _silent(store, known)))


async def _silent(store: Store, known: Explanation) -> dict[str, str]:
    """What is wrong with the hosts of a VM that give no account, by their names."""
    where = {seen.host for seen in known.sightings}
    if known.record is not None and known.record.host is not None:
        where.add(known.record.host)
    hosts = await hosts_of(store, where)
    return {
        host.name: f"{host.health}" + (f" ({visible(host.trouble)})" if host.trouble else "")
        for host in hosts
        if host.health is not HostHealth.UP
    }


def name_of(known: Explanation) -> str:
    """What a VM is called, or was; visibly."""
    named = (*known.vms, *((known.record,) if known.record else ()), *known.journal)
    return visible(next((each.name for each in named if each.name), "a VM"))


def _story(known: Explanation, past: Past, now: float, silent: Mapping[str, str]) -> Story:
    name, vms = name_of(known), sorted(known.vms, key=lambda vm: vm.phase is None)
    gone = _let_go(known, past) if not vms else None
    ended = tuple(why_ended(past, vms)) if has_ended(vms) and gone is None else ()
    let_go = gone or _released(known)
    return Story(
        about=About.VM,
        reference=str(known.uuid),
        name=name,
        vm=known.uuid,
        what=_what(name, vms, silent, known, past, now),
        why=_why(vms, ended, let_go, silent, past),
        proof=_proof(vms, ended),
        ended=ended,
        state=(*_state(known, vms, past, now), *_unheard(vms, silent), *_quarantined(past)),
        chapters=tuple(chapters(past)),
        concluded=tuple(conclusions(past)),
    )


def _what(
    name: str,
    vms: Sequence[VmView],
    silent: Mapping[str, str],
    known: Explanation,
    past: Past,
    now: float,
) -> Link:
    """How it is, in one sentence."""
    if not vms:
        return _gone(name, known, past)
    vm, at = vms[0], now - vms[0].age_seconds
    if vm.phase is VmPhase.MISSING:
        what = f"{name} is missing: {vm.host} does not show it any more"
    elif vm.standing is None:
        what = f"{vm.host or 'no host'} does not show {name} now"
    elif vm.host in silent:
        what = f"{name} was last seen {vm.power} on {vm.host}, which is {silent[vm.host]}"
    else:
        what = _POWERS[vm.power].format(name=name, host=vm.host)
        what += "" if vm.power is PowerState.UNKNOWN else _BESIDES.get(vm.standing, "")
    return ruled(Link(kind=LinkKind.SEEN, what=what, at=at), _rule_of(vm, past))


def _gone(name: str, known: Explanation, past: Past) -> Link:
    last = next((entry for entry in known.journal if entry.host), None)
    if last is None:
        return Link(kind=LinkKind.SEEN, what=f"{name} is on no host any more")
    what = f"no host shows {name} any more; it was last on {past.host(last.host or '')}"
    return Link(kind=LinkKind.SEEN, what=what, at=last.at)


def _let_go(known: Explanation, past: Past) -> Link | None:
    """Who let go of a VM that no host shows; None where nobody did, so that it has ended."""
    for entry in known.journal:
        if entry.what.startswith(_FORGOTTEN):
            host = past.host(entry.host or "")
            what = f"{entry.actor} removed host {host}, and it was forgotten with it; nobody can"
            what += " tell what became of it there, and our mark is still in it"
            return Link(kind=LinkKind.BECAUSE, what=what, at=entry.at, who=entry.actor)
        if is_conclusion(entry):
            return None
    return None


def _released(known: Explanation) -> Link | None:
    """Who released it, where it is not ours since; None where nobody did."""
    last = known.operations[0] if known.operations else None
    live = known.record is not None and known.record.live
    if last is None or live or not _is_release(last):
        return None
    forgotten = last.message.startswith(_RECORD_DROPPED)
    did = "had its record dropped" if forgotten else "released it"
    what = f"{last.actor} {did}: {last.message.removeprefix(_RECORD_DROPPED)}"
    return Link(kind=LinkKind.BECAUSE, what=what, at=last.finished_at, who=last.actor)


def _is_release(operation: Operation) -> bool:
    return operation.kind is OperationKind.RELEASE and operation.state is OperationState.DONE


def _why(
    vms: Sequence[VmView],
    ended: Sequence[Link],
    let_go: Link | None,
    silent: Mapping[str, str],
    past: Past,
) -> Link:
    """Why it is so, in one sentence."""
    if ended:
        why = _why_ended(ended)
        more = f"; {let_go.what}" if let_go is not None else ""
        return msgspec.structs.replace(why, what=f"{why.what}{more}")
    if let_go is not None:
        return let_go
    if vms and vms[0].host in silent:
        what = f"{vms[0].host} gives no account: nobody can tell how it is now"
        return ruled(Link(kind=LinkKind.BECAUSE, what=what), TROUBLE)
    if not vms:
        return Link(kind=LinkKind.BECAUSE, what="no host shows it, and no record of it is kept")
    return ruled(Link(kind=LinkKind.BECAUSE, what=bare(vms[0].why)), _rule_of(vms[0], past))


def _why_ended(ended: Sequence[Link]) -> Link:
    """Why it has ended, in one sentence."""
    answer, *more = ended
    if answer.who:
        return answer
    telling = (LinkKind.BECAUSE, LinkKind.SEEN, LinkKind.REASON)
    because = next((link for link in more if link.kind in telling), None)
    if because is None:
        return answer
    what = f"{answer.what}; {because.what}"
    rule = answer.rule or because.rule
    return ruled(Link(kind=LinkKind.BECAUSE, what=what, at=answer.at or because.at), rule)


def _proof(vms: Sequence[VmView], ended: Sequence[Link]) -> Link:
    """By which proof it was done; or, where nothing was done, what proves that it is ours."""
    proof = next((link for link in ended if link.kind is LinkKind.PROOF), None)
    if proof is not None:
        return proof
    if ended:
        what = "none: vmuster did nothing that would have needed one"
    elif any(vm.standing in _OURS for vm in vms):
        what = "our record of it and our signed mark on it agree"
    elif not vms:
        what = "none is left: no host shows it"
    else:
        what = "none: nothing proves that it is ours, so it is not touched"
    return Link(kind=LinkKind.PROOF, what=what)


def _state(known: Explanation, vms: Sequence[VmView], past: Past, now: float) -> Iterator[Link]:
    """How it is: what is seen, what it is to us, what is recorded, and what is kept back."""
    for vm in vms:
        yield Link(kind=LinkKind.SEEN, what=_shown(vm), at=now - vm.age_seconds)
        yield Link(kind=LinkKind.STANDING, what=vm.standing or vm.finding)
        because = Link(kind=LinkKind.BECAUSE, what=bare(vm.why))
        yield ruled(because, _rule_of(vm, past))
        yield from _kept_back(vm)
        if vm.desired is not None:
            recorded = f"{vm.phase}; asked for: {vm.desired}"
            yield Link(kind=LinkKind.RECORDED, what=recorded)
    record = known.record
    if record is not None and record.removed_at is not None:
        yield Link(kind=LinkKind.RECORDED, what="deleted", at=record.removed_at)
    if not vms:
        kept = "" if record is not None else ", and no record of it is kept"
        yield Link(kind=LinkKind.SEEN, what=f"on no host{kept}")


def _shown(vm: VmView) -> str:
    """What a host shows of it, or showed last."""
    if vm.standing is None:
        return f"{vm.power} on {vm.host}, when it was last seen there"
    said = REASONS.get(vm.reason) if vm.power is not PowerState.RUNNING else None
    return f"{vm.power} on {vm.host}" + (f" ({said})" if said else "")


def _kept_back(vm: VmView) -> Iterator[Link]:
    """What is not done with it now, and why."""
    why = kept_back(vm.why)
    if why:
        link = Link(kind=LinkKind.HELD, what=f"nothing is done: {why}")
        yield ruled(link, spoken(why, Family.HOLD, Family.IDLE, Family.PACE, Family.PROOF))


def _unheard(vms: Sequence[VmView], silent: Mapping[str, str]) -> Iterator[Link]:
    """That what is told of a VM may be so no longer."""
    for host in sorted({vm.host for vm in vms} & silent.keys()):
        what = f"{host} is {silent[host]}: what is told of it here is what was seen last"
        yield ruled(Link(kind=LinkKind.NOW, what=what), TROUBLE)


def _quarantined(past: Past) -> Iterator[Link]:
    if past.quarantine is None:
        return
    said = _UUID.sub("", "; ".join(past.quarantine.evidence[:1]))
    what = f"no command is sent to any host: our database is older than its hosts ({said})"
    yield ruled(Link(kind=LinkKind.NOW, what=what, at=past.quarantine.since), "quarantine")


def _rule_of(vm: VmView, past: Past) -> str:
    """The rule by which a VM is what it is: its standing's, or that of the newest conclusion."""
    told = _STANDING_RULE.findall(vm.why)  # a name may say so, too: the last one is the rule's own
    if told and any(rule.number == int(told[-1]) for rule in RULES if rule.standing is vm.standing):
        return f"standing-{told[-1]}"
    same = (e for e in past.journal if is_conclusion(e) and e.evidence["finding"] == vm.finding)
    return next((entry.rule for entry in same), "")
