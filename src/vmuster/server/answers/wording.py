"""The words of a story: for proofs, commands, answers and reasons. Tables, and no decision."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from vmuster.model.commands import (
    GUEST_WAS_ASKED,
    Command,
    FenceProof,
    MarkVm,
    OutboxCommand,
    OwnershipProof,
    StartVm,
    StopVm,
    UnmarkVm,
)
from vmuster.model.operations import Operation
from vmuster.model.states import (
    CommandOutcome,
    OperationKind,
    OperationState,
    PowerReason,
    ProofKind,
    StopMethod,
)
from vmuster.model.text import visible
from vmuster.reconcile.pages.page import Family
from vmuster.reconcile.rules import spoken
from vmuster.server.answers.story import Link, LinkKind, ruled

REASONS: Final[Mapping[PowerReason, str]] = {
    PowerReason.GUEST: "its guest shut down",
    PowerReason.HAND: "somebody stopped it through the hypervisor",
    PowerReason.SAVED: "its memory was saved to disk; a start continues it",
    PowerReason.MIGRATED: "it left for another host",
    PowerReason.FAILED: "the hypervisor could not start it",
    PowerReason.CRASHED: "it crashed",
}
"""Why it is not running, as its hypervisor tells it."""

_PROOFS: Final = {
    ProofKind.RECORD: "our record of it and our signed mark on it agree",
    ProofKind.MARK: "we deleted it once, and it bears the mark that we signed for it",
    ProofKind.NAME: "it bears a name of ours and no mark",
}
_HOME: Final = "our record and a fresh, whole account of this host agree that it is here, stopped"
_ONLY_MARKED: Final = "none is needed to write our mark: nothing else about it changes"
_STOPS: Final = {
    StopMethod.SHUTDOWN: "to shut it down",
    StopMethod.FORCE: "to end it by force",
    StopMethod.SAVE: "to save it to disk",
}
_ASKED: Final = {
    OperationKind.START: "start",
    OperationKind.STOP: "stop",
    OperationKind.ADOPT: "adopt",
    OperationKind.RELEASE: "release",
}
_STATES: Final = {
    OperationState.PENDING: "it waits",
    OperationState.RUNNING: "it is under way",
    OperationState.DONE: "done",
    OperationState.FAILED: "not done",
}
_NAMED: Final = re.compile(r".*; rule [0-9]+: ", re.DOTALL)
_KEPT_BACK: Final = re.compile(r"; (?:nothing follows|\w+_vm withheld): (.*)$", re.DOTALL)
_WITHHELD: Final = re.compile(r"\w+_vm withheld: ")
_FOLLOWS: Final = re.compile(r"; \w+_vm follows")
_IN_FLIGHT: Final = re.compile(r"^\w+ by .* is in flight; it is seen (\w+)", re.DOTALL)
_SETTLED: Final = re.compile(r"; (?:start|stop|adopt|release) (?:done|failed): .*$", re.DOTALL)
_OUTCOME: Final = re.compile(r"(done|refused|failed): ")


def plain(why: str) -> str:
    """A decision's reason without names of commands, and without what became of an operation."""
    named, told = _parts(why)
    told = _IN_FLIGHT.sub(r"it was seen \1", _SETTLED.sub("", told))
    return named + _WITHHELD.sub("not done: ", _FOLLOWS.sub("", told))


def bare(why: str) -> str:
    """A decision's reason alone, without what is not done about it."""
    named, told = _parts(why)
    return plain(named + _KEPT_BACK.sub("", told))


def kept_back(why: str) -> str:
    """Why nothing is done about a decision; empty where nothing was to be done, or it was done."""
    found = _KEPT_BACK.search(_parts(why)[1])
    return found[1] if found is not None else ""


def _parts(why: str) -> tuple[str, str]:
    """A decision's reason as far as a VM's name may stand in it, in which anything may be said; and
    the rest, which is ours alone."""
    named = _NAMED.match(why)
    end = named.end() if named is not None else 0
    return why[:end], why[end:]


def reason(host: str, said: PowerReason) -> str:
    """Why a VM is not running, as its host tells it."""
    known = REASONS.get(said)
    return f"{host} says: {known}" if known else f"{host} does not say why"


def proof_link(command: Command) -> Link:
    """Why the command may be carried out."""
    match command:
        case StopVm(proof=proof) | UnmarkVm(proof=proof):
            return Link(kind=LinkKind.PROOF, what=_proved(proof), evidence=_plainly(proof))
        case StartVm(clearance=FenceProof() as clearance):
            what = f"the host that had it can't run it: {clearance.evidence}"
            return Link(kind=LinkKind.PROOF, what=what, evidence=_plainly(clearance))
        case StartVm(clearance=clearance):
            return Link(kind=LinkKind.PROOF, what=_HOME, evidence=_plainly(clearance))
        case MarkVm():
            return Link(kind=LinkKind.PROOF, what=_ONLY_MARKED)


def command_link(sent: OutboxCommand, host: str) -> Link:
    """What a host was told to do."""
    command = sent.command
    return Link(
        kind=LinkKind.COMMAND,
        what=f"{host} was told {_told(command)}",
        at=sent.created_at,
        who=command.actor,
        evidence={"command": str(sent.id)},
    )


def result_link(sent: OutboxCommand, host: str, *, over: bool = False) -> Link:
    """What became of a command. `over`: what it was for has ended, with an answer or without."""
    result = sent.result
    if result is None:
        what = f"{host} gave no answer" if over else f"{host} has not answered yet"
        return Link(kind=LinkKind.RESULT, what=what)
    message = visible(result.message)
    if result.unknown:
        what = f"nobody knows whether it was done: {message}"
    elif result.outcome is CommandOutcome.DONE:
        what = "it was done" if message == "done" else f"it was done, {message}"
    elif message.startswith(GUEST_WAS_ASKED):
        what = f"{message}; it may obey still"
    elif result.outcome is CommandOutcome.REFUSED:
        what = f"{host} refused, and did not touch it: {message}"
    else:
        what = f"it failed: {message}"
    link = Link(kind=LinkKind.RESULT, what=what, at=sent.answered_at, who=host)
    refused = result.outcome is CommandOutcome.REFUSED
    return ruled(link, spoken(message, Family.GUARD)) if refused else link


def ended_link(operation: Operation) -> Link | None:
    """How an operation ended, or what it waits for; None where there is nothing to say."""
    if not operation.message:
        return None
    kind = LinkKind.NOW if operation.open else LinkKind.ENDED
    what = _OUTCOME.sub("", operation.message, count=1)
    rule = spoken(what, Family.PROOF, Family.PACE, Family.IDLE, Family.GUARD, Family.DECISION)
    return ruled(Link(kind=kind, what=what, at=operation.finished_at), rule)


def asked(operation: Operation, name: str = "it") -> str:
    """What was asked for: `anna asked to stop it by force`."""
    force = " by force" if operation.force else ""
    if operation.automatic:
        return f"vmuster wanted to {_ASKED[operation.kind]} {name} by itself"
    return f"{operation.actor} asked to {_ASKED[operation.kind]} {name}{force}"


def became(operation: Operation) -> str:
    """How it stands, in a word or two."""
    return _STATES[operation.state]


def _proved(proof: OwnershipProof) -> str:
    words = _PROOFS[proof.kind]
    grant = proof.grant
    if grant is None:
        return words
    return f"{words}, and {grant.granted_by} gave leave to stop such VMs in cluster {grant.cluster}"


def _told(command: Command) -> str:
    match command:
        case StopVm(method=method):
            return _STOPS[method]
        case StartVm():
            return "to start it"
        case MarkVm():
            return "to write our mark into it"
        case UnmarkVm():
            return "to take our mark out of it"


def _plainly(proof: msgspec.Struct) -> dict[str, object]:
    return msgspec.to_builtins(proof)
