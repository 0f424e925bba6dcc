"""The laws, held against the true world: what no pass may decide, and no agent may do.

None of this asks the core or the guard. What the changes of a pass show by themselves (L5, L9,
L12) is in `intake`.
"""

from collections.abc import Iterator

from vmuster.model.commands import Command, StartVm, StopVm
from vmuster.model.states import PowerReason, PowerState, ProofKind, StopMethod, VmPhase
from vmuster.sim.exhaustive.deeds import Order
from vmuster.sim.exhaustive.intake import Taken
from vmuster.sim.exhaustive.looks import Account
from vmuster.sim.exhaustive.setting import HOSTS, MARK, OURS, STRANGER, THEIR_NAMES
from vmuster.sim.exhaustive.state import Pair, Shown, State
from vmuster.sim.exhaustive.truth import ON, Alias, Truth

_QUIET = (VmPhase.STOPPED, VmPhase.MISSING)


def of_pass(state: State, host: int, account: Account, ran: Pair, taken: Taken) -> Iterator[str]:
    """The laws that the pass over `account` of `host` breaks. `ran`: as in `state.Pending`."""
    yield from taken.breaches
    for command in taken.commands:
        yield from _commanded(state, host, account, ran, command)
    yield from _recorded(state, host, account, ran, taken)


def of_deed(order: Order, truth: Truth) -> Iterator[str]:
    """The laws that are broken by carrying `order` out now."""
    command, place = order.command, truth.places[order.host]
    ours = command.vm == OURS
    match command:
        case StartVm():
            if not ours:
                yield "L1: a stranger is started"
            if place.process:
                yield "L2: our VM is started where a process of it runs"
            if place.domain is None or not place.domain.marked:
                yield "L1: a VM is started that does not bear our mark"
        case StopVm(method=method):
            if ours and (place.domain is None or not place.domain.marked):
                yield "L1: a VM is stopped that does not bear our mark"
            if not ours and truth.alias is not Alias.LOOKALIKE:
                yield f"L1: a stranger is stopped that is a {truth.alias}"
            if not ours and method is not StopMethod.SAVE and truth.stranger == ON:
                yield "L1: a stranger is ended, and not saved to disk"
        case _:
            yield "L1: a mark is written or taken, and nobody asked for that"


def _commanded(
    state: State, host: int, account: Account, ran: Pair, command: Command
) -> Iterator[str]:
    """What a pass over `account` must not order."""
    other = 1 - host
    seen = next((vm for vm in account.vms if vm.uuid == command.vm), None)
    if command.host != HOSTS[host]:
        yield "L1: an order for another host than the one that reported"
    if seen is None:
        yield "L1: an order about a VM that the report does not show"
        return
    if command.vm == STRANGER:
        named = isinstance(command, StopVm) and command.proof.kind is ProofKind.NAME
        if not named or seen.mark is not None or seen.name != THEIR_NAMES[True]:
            yield "L1: an order about a stranger that nothing allows"
        return
    if seen.mark != MARK:
        yield "L1: an order about a VM that does not bear our mark"
    if isinstance(command, StartVm):
        if state.shown[other]:
            yield f"L2: a start is ordered while the VM runs on host {HOSTS[other]}, which said so"
        if ran[host]:
            yield "L2: a start is ordered while a process of the VM runs there"
    elif state.shown[other] is Shown.MARKED:
        yield "L1: one of two running copies is to be stopped"


def _recorded(state: State, host: int, account: Account, ran: Pair, taken: Taken) -> Iterator[str]:
    """What a pass over `account` of `host` must not record."""
    before, after, other = taken.before.record, taken.known.record, 1 - host
    quiet = after.phase in _QUIET and after.phase is not before.phase
    off = after.power is PowerState.STOPPED and before.power is not PowerState.STOPPED
    shown = any(vm.uuid == OURS for vm in account.vms)
    concluded = (quiet and shown is not (after.phase is VmPhase.MISSING)) or off
    if ran[host] and after.host == HOSTS[host] and concluded:
        yield f"L6: it is recorded as {after.phase}, and ran throughout"
    left = any(vm.uuid == OURS and vm.reason is PowerReason.MIGRATED for vm in account.vms)
    if quiet and left and ran[other]:
        yield f"L6: it is recorded as {after.phase}, and has left by a migration and runs"
    missing = after.phase is VmPhase.MISSING and state.shown[other]
    if quiet and (missing or state.shown[other] is Shown.MARKED):
        yield f"L6: it is recorded as {after.phase}, and runs on host {HOSTS[other]}, which said so"
    if before.host != after.host and state.shown[other] >= Shown.BARE:
        yield "L7: the record leaves a host that showed the VM running, where it runs on"
