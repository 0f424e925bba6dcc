"""Bugs of service: what is asked for and promised, written down, sent, and ended."""

import asyncio
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Final
from weakref import WeakKeyDictionary

import msgspec

from vmuster.model.changes import Changes
from vmuster.model.commands import Command
from vmuster.model.errors import VmusterError
from vmuster.model.ids import HostId
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, HostHealth, OperationKind, VmPhase
from vmuster.reconcile.classify import Deed
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.patch import patch, says_async

_REQUESTS: Final = "vmuster.server.requests.operations:Requests"


def _answered_before(before: Any) -> Any:
    """The person is answered, and then it is written down, if it can be."""

    async def ask(self: Any, operation: Operation, *writes: Any) -> Operation:
        async def later() -> None:
            with suppress(VmusterError):
                await before(self, operation, *writes)

        self.under_way = asyncio.ensure_future(later())
        return operation

    return ask


def _other_wish(before: Any) -> Any:
    """A stop leaves it to be running."""
    _, event, act = before[OperationKind.STOP]
    return before | {OperationKind.STOP: (DesiredState.RUNNING, event, act)}


def _no_deadline(before: Any) -> Any:
    def settle(operation: Operation, pair: Any, asked_after: int, now: float) -> Any:
        return before(operation, pair, asked_after, min(now, operation.deadline_at - 1.0))

    return settle


def _without_intents(before: Any) -> Any:
    def entries(plan: Any, recorded: Any, now: float) -> Any:
        return (e for e in before(plan, recorded, now) if e.kind is not EntryKind.COMMAND)

    return entries


class _Memory:
    """What a server remembers of the plans that it is about to write."""

    def __init__(self) -> None:
        self.server: ContextVar[Any] = ContextVar("server")
        self.notes: WeakKeyDictionary[Any, dict[HostId, list[Command]]] = WeakKeyDictionary()

    def passing(self, before: Any) -> Any:
        """Passes, of which it is known in which server they are made."""

        async def taken_in(context: Any, conversations: Any, *more: Any) -> Any:
            _ = self.server.set((context, conversations))
            return await before(context, conversations, *more)

        return taken_in

    def noting(self, before: Any) -> Any:
        """Commands are on their way before they are written."""

        def changes_of(plan: Any, *more: Any) -> Changes:
            context, conversations = self.server.get()
            notes = self.notes.setdefault(context, {})
            notes.setdefault(plan.host.id, []).extend(plan.commands)
            conversations.outbox_changed(plan.host.id)
            return before(plan, *more)

        return changes_of

    def sending(self, before: Any) -> Any:
        """What is sent is what is remembered, and what is in the outbox."""

        async def due(context: Any, host: HostId, epoch: int, sent: Any) -> list[Command]:
            noted = self.notes.get(context, {}).pop(host, [])
            known = await before(context, host, epoch, sent)
            ids = {command.id for command in known}
            return known + [each for each in noted if each.id not in ids and each.id not in sent]

        return due


_MEMORY: Final = _Memory()


def _new_ids(before: Any) -> Any:
    async def to_send(context: Any, host: HostId, epoch: int, *more: Any) -> list[Command]:
        known: list[Command] = await before(context, host, epoch, *more) or []
        return [msgspec.structs.replace(c, id=context.clock.uuid(), epoch=epoch) for c in known]

    return to_send


def _never_enforced(before: Any) -> Any:
    def deed(row: Any, policy: Any) -> Deed:
        return before(msgspec.structs.replace(row, enforced=Deed.NOTHING), policy)

    return deed


def _once(before: Any) -> Any:
    """A conversation that has ended is not begun again."""

    async def keep_up(self: Any, host: Any, row: Any, attach: Any) -> None:
        left = [attach]

        def once(row: Any) -> Any:
            if not left:
                raise OSError("nobody begins it again")
            return left.pop()(row)

        await before(self, host, row, once)

    return keep_up


def _let_go_at_once(before: Any) -> Any:
    """As if it were missing: its record is dropped, and its mark stays."""

    async def let_go(self: Any, record: Any, host: Any, cluster: Any, **more: Any) -> Operation:
        gone = msgspec.structs.replace(record, phase=VmPhase.MISSING)
        return await before(self, gone, host, cluster, **more)

    return let_go


def _never_back(before: Any) -> Any:
    def held(host: Any, policy: Any, now: float) -> Any:
        after = before(host, policy, now)
        lost = host.health is not HostHealth.UP and host.flaps > 0
        return host if lost else after

    return held


def _unreadable(before: Any) -> Any:
    def fact(line: bytes) -> Any:
        known = before(line)
        if known is None:
            raise ValueError("a line of the journal can't be read")
        return known

    return fact


SERVING: Final = (
    Planted(
        name="acknowledged-before-the-commit",
        what="A person is told that a request is taken before it is written down.",
        laws=("L3",),
        patches=(patch(f"{_REQUESTS}._ask", _answered_before),),
    ),
    Planted(
        name="a-repeated-request-is-another",
        what="A request that comes again under its key makes a second operation.",
        laws=("L3",),
        patches=(says_async("vmuster.server.requests.operations:made_before", None),),
        off=("the database's rule on keys",),
    ),
    Planted(
        name="an-operation-never-ends",
        what="An operation that is not reached stays open for ever.",
        laws=("L3", "L4"),
        patches=(patch("vmuster.reconcile.inflight:settle", _no_deadline),),
        off=("the sweep's end of what is overdue",),
    ),
    Planted(
        name="a-stop-is-not-wished",
        what="A stop by request leaves the VM to be running, as far as is asked for.",
        laws=("L3",),
        patches=(patch("vmuster.server.requests.operations:_WISHES", _other_wish),),
    ),
    Planted(
        name="drift-is-never-enforced",
        what="A VM that is not as it was asked for is left so, whatever the policy.",
        laws=("L4",),
        patches=(patch("vmuster.reconcile.decide:deed", _never_enforced),),
    ),
    Planted(
        name="an-intent-is-not-written-down",
        what="A command is sent without an entry in the journal.",
        laws=("L12",),
        patches=(patch("vmuster.server.passes.writes:_entries", _without_intents),),
    ),
    Planted(
        name="orders-are-sent-from-memory",
        what="A command is sent though its outbox row could not be written.",
        laws=("L12",),
        patches=(
            patch("vmuster.server.passes.intake:_taken_in", _MEMORY.passing),
            patch("vmuster.server.passes.intake:changes_of", _MEMORY.noting),
            patch("vmuster.server.talks.telling:due", _MEMORY.sending),
        ),
        shape="a slow database",
    ),
    Planted(
        name="an-order-gets-a-new-id-each-time",
        what="A command that is sent again is another command, and is carried out again.",
        laws=("L3", "L12"),
        patches=(
            patch("vmuster.server.talks.telling:due", _new_ids),
            patch("vmuster.server.talks.telling:in_hand", _new_ids),
        ),
    ),
    Planted(
        name="a-release-leaves-its-mark",
        what="A released VM has no record any more, and bears our mark.",
        laws=("L9",),
        patches=(patch(f"{_REQUESTS}._let_go", _let_go_at_once),),
    ),
    Planted(
        name="a-lost-host-never-comes-back",
        what="A host that was lost once is never taken for well again.",
        laws=("L4",),
        patches=(patch("vmuster.reconcile.silence:_held", _never_back),),
    ),
    Planted(
        name="a-conversation-is-begun-once",
        what="A conversation that has ended is not begun again.",
        laws=("L4",),
        patches=(patch("vmuster.server.talks.switchboard:Switchboard._keep_up", _once),),
    ),
    Planted(
        name="a-torn-journal-ends-the-agent",
        what="An agent whose journal has a line that can't be read does not start.",
        laws=("L4", "crash"),
        patches=(patch("vmuster.agent.journal:_fact", _unreadable),),
    ),
)
