"""Why a VM was stopped, by its past; and where vmuster did not do it, that it did not.

The journal is read from its newest entry back, to the last that tells of a start. A stop that
vmuster brought about leaves a command there, written before the deed; where there is none, vmuster
did not do it, and that is said. A conclusion that it was stopped outside does not end the search:
it is drawn from what was asked for, also where a start was refused and it has never run since.
"Nobody knows" is said wherever the journal can't tell.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from vmuster.model.commands import GUEST_WAS_ASKED, OutboxCommand, StartVm, StopVm
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.model.states import (
    CommandOutcome,
    DesiredState,
    Finding,
    OperationState,
    PowerReason,
    PowerState,
    Standing,
    StopMethod,
    VmPhase,
)
from vmuster.reconcile.classify import RUNS_ON, TABLE, Seen
from vmuster.server.answers.chapters import Past, approval, is_conclusion
from vmuster.server.answers.story import Link, LinkKind, ruled
from vmuster.server.answers.views import VmView
from vmuster.server.answers.wording import (
    asked,
    bare,
    command_link,
    proof_link,
    reason,
    result_link,
)

_ENDED: Final = frozenset({PowerState.STOPPED, PowerState.CRASHED})
_OUTSIDE: Final = frozenset({Finding.STOPPED_OUTSIDE, Finding.CRASHED, Finding.MISSING})
_NOT_OURS: Final = "not by vmuster: since it last ran, no command of ours could have stopped it"
_UNTOLD: Final = (
    "not known: our database is older than its hosts, and no stop of ours is left in its journal"
)
_RAN_ON: Final = (RUNS_ON.why, TABLE[DesiredState.RUNNING, Seen.RUNNING].why)
"""Conclusions by which it was seen running, and nobody knows since when."""
_LATE_SECONDS: Final = 3600.0
"""How late a guest that ran on may still obey: to what came after, the stop is not held."""
_DOUBT: Final = "; nobody knows whether that is what stopped it"
_NOTED: Final = frozenset({Standing.OWNED, Standing.MOVED, Standing.DUPLICATE})
"""Of what stands otherwise to us, nobody notes when it runs."""
_CUT: Final = "the newest {} entries of the journal do not tell; read more of them"
_OF_OURS: Final = {
    StopMethod.SHUTDOWN: PowerReason.GUEST,
    StopMethod.FORCE: PowerReason.HAND,
    StopMethod.SAVE: PowerReason.SAVED,
}
"""The reason that a hypervisor gives after a stop of ours; it says nothing new."""


def has_ended(vms: Sequence[VmView]) -> bool:
    """Whether the VM runs nowhere, as far as is shown."""
    return all(vm.power in _ENDED or vm.phase is VmPhase.MISSING for vm in vms)


class _Since(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal tells of the time after an entry. `told`: the newest conclusion that it has
    ended; `ran_on`: it outlived a stop; `unnoted`: it may have run, and nobody noted it."""

    told: JournalEntry | None = None
    ran_on: bool = False
    unnoted: bool = False


def why_ended(past: Past, vms: Sequence[VmView]) -> Iterator[Link]:
    """Why it was stopped: the answer, and what it rests on."""
    sent, since, began = {each.id: each for each in past.commands}, _Since(), 0.0
    for entry in past.journal:
        command = sent.get(entry.command) if entry.command is not None else None
        if _started(past, entry, command) or _outlived(since, command):
            began = entry.at
            break
        if command is not None and isinstance(command.command, StopVm) and _may_be_done(command):
            yield from _stopped_by_us(past, command, vms, since)
            return
        since = _with(past, since, entry, command)
    told, cut = since.told, past.cut and not began
    untold = (told.at if told is not None else began) < past.forgot_until
    answer = _CUT.format(past.cut) if cut else _UNTOLD if untold else _NOT_OURS
    yield Link(kind=LinkKind.ANSWER, what=answer)
    if told is not None:
        seen = Link(kind=LinkKind.SEEN, what=past.named(bare(told.what)), at=told.at)
        yield ruled(seen, told.rule)
    yield from _hypervisor_says(vms)


def _with(past: Past, since: _Since, entry: JournalEntry, sent: OutboxCommand | None) -> _Since:
    """`since`, and this entry before it."""
    ended = since.told is None and entry.evidence.get("finding") in _OUTSIDE
    stranger = is_conclusion(entry) and entry.evidence.get("standing") not in {None, *_NOTED}
    wish = _wish(past, sent)
    maybe_ran = sent is not None and isinstance(sent.command, StartVm) and _may_be_done(sent)
    return _Since(
        told=entry if ended else since.told,
        ran_on=since.ran_on or (is_conclusion(entry) and entry.what.startswith(_RAN_ON)),
        unnoted=since.unnoted or stranger or (maybe_ran and not (wish is not None and wish.open)),
    )


def _started(past: Past, entry: JournalEntry, sent: OutboxCommand | None) -> bool:
    """Whether the VM ran after all that the journal tells of before this entry."""
    if sent is not None and isinstance(sent.command, StartVm):
        wish = _wish(past, sent)
        return _is_done(sent) or (wish is not None and wish.state is OperationState.DONE)
    outside = entry.evidence.get("finding") == Finding.STARTED_OUTSIDE
    return outside and not entry.what.startswith(_RAN_ON)


def _outlived(since: _Since, sent: OutboxCommand | None) -> bool:
    """Whether this is a stop that had its effect, if any, before the VM was seen running."""
    if sent is None or not isinstance(sent.command, StopVm) or not since.ran_on:
        return False
    late = since.told is not None and since.told.at > sent.created_at + _LATE_SECONDS
    return late or _is_done(sent)


def _is_done(sent: OutboxCommand) -> bool:
    result = sent.result
    done = result is not None and result.outcome is CommandOutcome.DONE
    return done and not _is_unsure(sent)


def _may_be_done(sent: OutboxCommand) -> bool:
    """A refused or failed act did nothing; one whose outcome is not known may have been done."""
    return _is_done(sent) or _is_unsure(sent)


def _is_unsure(sent: OutboxCommand) -> bool:
    """Whether nobody knows if it was done: a guest that was only asked may obey at any time."""
    result = sent.result
    return result is None or result.unknown or result.message.startswith(GUEST_WAS_ASKED)


def _wish(past: Past, sent: OutboxCommand | None) -> Operation | None:
    wanted = sent.command.operation if sent is not None else None
    return next((operation for operation in past.operations if operation.id == wanted), None)


def _stopped_by_us(
    past: Past, sent: OutboxCommand, vms: Sequence[VmView], since: _Since
) -> Iterator[Link]:
    command, host = sent.command, past.host(sent.host)
    otherwise = list(_hypervisor_says(vms, expected=_expected(sent)))
    intent = next(
        (e for e in past.journal if e.kind is EntryKind.COMMAND and e.command == sent.id), None
    )
    rule, wish = intent.rule if intent is not None else "", _wish(past, sent)
    doubt = _DOUBT if _is_unsure(sent) or since.unnoted else ""
    contradicted = [link for link in otherwise if link.what != _silent(link.who)]
    answer = _answer(sent, wish, doubt=f"; but {contradicted[0].what}" if contradicted else doubt)
    if since.told is not None and since.told.evidence["finding"] == Finding.MISSING:
        missing = f"{answer.what}; since then {past.named(bare(since.told.what))}"
        answer = msgspec.structs.replace(answer, what=missing)
    yield answer if answer.who else ruled(answer, rule)
    if intent is not None:
        because = Link(kind=LinkKind.BECAUSE, what=past.named(bare(intent.what)), at=intent.at)
        yield ruled(because, rule)
        yield from approval(intent)
    yield proof_link(command)
    yield command_link(sent, host)
    yield result_link(sent, host, over=wish is not None and not wish.open)
    yield from otherwise


def _answer(sent: OutboxCommand, wish: Operation | None, *, doubt: str) -> Link:
    """Who had it stopped; and why that may not be what stopped it, if so."""
    command = sent.command
    if command.actor == AUTOMATIC:
        what = f"vmuster wanted to stop it{doubt}" if doubt else "vmuster stopped it by itself"
        return Link(kind=LinkKind.ANSWER, what=what, at=sent.created_at)
    what = asked(wish) if wish is not None else f"{command.actor} asked to stop it"
    at = wish.created_at if wish is not None else sent.created_at
    return Link(kind=LinkKind.ANSWER, what=f"{what}{doubt}", at=at, who=command.actor)


def _silent(host: str) -> str:
    return reason(host, PowerReason.UNKNOWN)


def _expected(sent: OutboxCommand) -> PowerReason | None:
    """What the hypervisor will say of this stop, if nobody else had a hand in it."""
    result, command = sent.result, sent.command
    if result is not None and result.message.startswith("by force"):
        return _OF_OURS[StopMethod.FORCE]
    return _OF_OURS[command.method] if isinstance(command, StopVm) else None


def _hypervisor_says(
    vms: Sequence[VmView], *, expected: PowerReason | None = None
) -> Iterator[Link]:
    for vm in vms:
        if vm.reason is not expected and vm.standing is not None:
            yield Link(kind=LinkKind.REASON, what=reason(vm.host, vm.reason), who=vm.host)
