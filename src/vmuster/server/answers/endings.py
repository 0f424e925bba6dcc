"""Why a VM was stopped, by its past; and where vmuster did not do it, that it did not.

The journal is read from its newest entry back: the first that tells of an end is the answer. An
end that vmuster brought about leaves a command there, written before the deed; where there is
none, vmuster did not do it, and that is said.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from vmuster.model.commands import Command, OutboxCommand, StartVm, StopVm
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.model.states import (
    CommandOutcome,
    Finding,
    PowerReason,
    PowerState,
    StopMethod,
    VmPhase,
)
from vmuster.server.answers.chapters import Past, approval
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


def why_ended(past: Past, vms: Sequence[VmView]) -> Iterator[Link]:
    """Why it was stopped: the answer, and what it rests on."""
    sent, answer = {each.id: each for each in past.commands}, _NOT_OURS
    for entry in past.journal:
        command = sent.get(entry.command) if entry.command is not None else None
        if command is not None and _may_have_done(command, StopVm):
            yield from _stopped_by_us(past, command, vms)
            return
        if _tells_of_a_start(entry, command):
            break
        if entry.evidence.get("finding") in _OUTSIDE:
            yield Link(kind=LinkKind.ANSWER, what="not by vmuster: it sent no command for it")
            seen = Link(kind=LinkKind.SEEN, what=past.named(bare(entry.what)), at=entry.at)
            yield ruled(seen, entry.rule)
            yield from _hypervisor_says(vms)
            return
    else:
        answer = _CUT.format(past.cut) if past.cut else _NOT_OURS
    yield Link(kind=LinkKind.ANSWER, what=answer)
    yield from _hypervisor_says(vms)


def _tells_of_a_start(entry: JournalEntry, sent: OutboxCommand | None) -> bool:
    """Whether the VM ran after all that the journal tells of before this entry."""
    started = sent is not None and _may_have_done(sent, StartVm)
    return started or entry.evidence.get("finding") == Finding.STARTED_OUTSIDE


def _may_have_done(sent: OutboxCommand, act: type[Command]) -> bool:
    """A refused or failed act did nothing; one whose outcome is not known may have been done."""
    if not isinstance(sent.command, act):
        return False
    result = sent.result
    return result is None or result.unknown or result.outcome is CommandOutcome.DONE


def _stopped_by_us(past: Past, sent: OutboxCommand, vms: Sequence[VmView]) -> Iterator[Link]:
    command, host = sent.command, past.host(sent.host)
    intent = next(
        (e for e in past.journal if e.kind is EntryKind.COMMAND and e.command == sent.id), None
    )
    wish = next((op for op in past.operations if op.id == command.operation), None)
    rule = intent.rule if intent is not None else ""
    answer = _answer(sent, wish)
    yield answer if answer.who else ruled(answer, rule)
    if intent is not None:
        because = Link(kind=LinkKind.BECAUSE, what=past.named(bare(intent.what)), at=intent.at)
        yield ruled(because, rule)
        yield from approval(intent)
    yield proof_link(command)
    yield command_link(sent, host)
    yield result_link(sent, host)
    yield from _hypervisor_says(vms, expected=_expected(sent))


def _answer(sent: OutboxCommand, wish: Operation | None) -> Link:
    """Who had it stopped; and that this is not sure, where nobody knows what came of it."""
    command, result = sent.command, sent.result
    doubt = "; nobody knows whether that is what stopped it"
    sure = result is not None and not result.unknown
    if command.actor == AUTOMATIC:
        what = "vmuster stopped it by itself" if sure else f"vmuster wanted to stop it{doubt}"
        return Link(kind=LinkKind.ANSWER, what=what, at=sent.created_at)
    what = asked(wish) if wish is not None else f"{command.actor} asked to stop it"
    at = wish.created_at if wish is not None else sent.created_at
    what += "" if sure else doubt
    return Link(kind=LinkKind.ANSWER, what=what, at=at, who=command.actor)


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
