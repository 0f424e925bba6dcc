"""A person's requests about VMs. Each is written down as a wish; the next pass does the rest.

A request is refused at once where it can be seen that it may not be done, with the way out; what
is not refused here is proved again by the pass, and once more by the agent.
"""

from typing import Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import Cluster, Host
from vmuster.model.ids import CommandId, HostId, OperationId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.modes import allows
from vmuster.model.names import is_canonical
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import (
    Act,
    DesiredState,
    HostMode,
    OperationKind,
    OperationState,
    Standing,
    VmPhase,
)
from vmuster.model.text import visible
from vmuster.model.vm import Sighting, VmRecord
from vmuster.reconcile.lifecycle import TABLE, PhaseEvent
from vmuster.server.context import Context, Conversations
from vmuster.server.passes.unheard import marked
from vmuster.server.references import cluster_now, host_now
from vmuster.server.requests.adoption import (
    WAY_OUT,
    adopted_record,
    check_adoptable,
    mark_command,
)
from vmuster.server.requests.forgetting import check_forgettable, check_releasable
from vmuster.server.requests.quarantine import check_open
from vmuster.server.requests.turns import AT_ONCE, made_before, take_turn

_AT_HOME: Final = frozenset({Standing.OWNED, Standing.MOVED})
"""MOVED on the very host that its record says: the record has followed it since."""
_WISHES: Final = {
    OperationKind.START: (DesiredState.RUNNING, PhaseEvent.START_REQUESTED, Act.START),
    OperationKind.STOP: (DesiredState.STOPPED, PhaseEvent.STOP_REQUESTED, Act.STOP),
}
_GONE: Final = frozenset({VmPhase.MISSING, VmPhase.DELETING, VmPhase.DELETED})


class Requests:
    """Takes requests for one server. `actor` is who asks; `key` makes a repeated request one."""

    def __init__(self, context: Context, conversations: Conversations) -> None:
        self._context = context
        self._conversations = conversations

    async def power(
        self, kind: OperationKind, vm: VmUuid, *, actor: str, force: bool = False, key: str = ""
    ) -> Operation:
        """Start or stop an owned VM."""
        before = await made_before(self._context.store, kind, vm, actor, key)
        if before is not None:
            return before
        check_open(self._context)
        desired, event, act = _WISHES[kind]
        record, host = await self._owned(vm, act)
        if record.phase in _GONE:
            raise Refused(f"it is {record.phase}", hint=f"vmuster vm explain {vm}")
        cluster = await cluster_now(self._context.store, host.cluster)
        deadline = self._deadline(cluster, kind, force=force)
        asked = await self._operation(kind, record, host, actor=actor, key=key, deadline=deadline)
        operation = msgspec.structs.replace(asked, force=force)
        after = msgspec.structs.replace(
            record,
            desired=desired,
            generation=record.generation + 1,
            phase=TABLE.get((record.phase, event), record.phase),
            changed_at=operation.created_at,
        )
        return await self._ask(operation, Write(before=record, after=after), host)

    async def release(self, vm: VmUuid, *, actor: str, key: str = "") -> Operation:
        """Let a VM go: our mark is taken out of it, then its record is dropped; nothing else.

        Of a MISSING one the record is dropped at once: there is nothing to take the mark out of.
        Should it turn up again, it is an ORPHAN.
        """
        store = self._context.store
        while True:
            before = await made_before(store, OperationKind.RELEASE, vm, actor, key)
            if before is not None:
                return before
            check_open(self._context)
            record, host = await self._owned(vm, Act.RELEASE)
            cluster = await cluster_now(store, host.cluster)
            try:
                return await self._let_go(record, host, cluster, actor=actor, key=key)
            except Refused:
                # what others let go, or a pass spends of a budget, writes the cluster's row too
                if await cluster_now(store, host.cluster) == cluster:
                    raise

    async def _let_go(
        self, record: VmRecord, host: Host, cluster: Cluster, *, actor: str, key: str
    ) -> Operation:
        canonical = is_canonical(record.label, self._context.fleet.instance)
        check_releasable(record, host, cluster, canonical=canonical)
        deadline = self._deadline(cluster, OperationKind.RELEASE)
        operation = await self._operation(
            OperationKind.RELEASE, record, host, actor=actor, key=key, deadline=deadline
        )
        if record.phase is VmPhase.MISSING:
            done = _forgotten(operation, "it was missing; its record is dropped")
            return await self._ask(done, Write(before=record, after=None), host)
        after = msgspec.structs.replace(record, generation=record.generation + 1)
        # so that nobody lets such names be stopped at the same moment (`Estate.set_policy`)
        alone = (Write(before=cluster, after=cluster),) if canonical else ()
        return await self._ask(operation, Write(before=record, after=after), host, *alone)

    async def forget(self, vm: VmUuid, *, actor: str, key: str = "") -> Operation:
        """Drop the record of a VM that is not there with our mark; nothing else changes.

        A release that is done at once. Should the VM turn up with our mark, it is an ORPHAN.
        """
        before = await made_before(self._context.store, OperationKind.RELEASE, vm, actor, key)
        if before is not None:
            return before
        check_open(self._context)
        record, host = await self._recorded(vm)
        cluster = await cluster_now(self._context.store, host.cluster)
        seen = await self._context.store.find(Sighting, uuid=vm)
        why = check_forgettable(record, seen, host, cluster, self._context.fleet.instance)
        # as in `_let_go`
        alone = (Write(before=cluster, after=cluster),) if any(not s.absent for s in seen) else ()
        now = self._context.clock.now()
        operation = await self._operation(
            OperationKind.RELEASE, record, host, actor=actor, key=key, deadline=now
        )
        done = _forgotten(operation, why)
        return await self._ask(done, Write(before=record, after=None), host, *alone)

    async def adopt(
        self, vm: VmUuid, *, actor: str, host: HostId | None = None, name: str = "", key: str = ""
    ) -> Operation:
        """Take a VM into our records and mark it; nothing else about it changes.

        `host` where the uuid was seen on several; `name`: its record's name, by default what its
        host calls it.
        """
        store = self._context.store
        while True:
            before = await made_before(store, OperationKind.ADOPT, vm, actor, key)
            if before is not None:
                return before
            check_open(self._context)
            home = await host_now(store, host or (await self._seen(vm, None)).host)
            try:
                return await self._take_over(vm, home, actor=actor, name=name, key=key)
            except Refused:
                # every look that is taken in writes its host
                if await host_now(store, home.id) == home:
                    raise

    async def _take_over(
        self, vm: VmUuid, home: Host, *, actor: str, name: str, key: str
    ) -> Operation:
        """Adopt what `home` showed last. No later look is taken in until this is written, and none
        after it that was decided on before: else older words would be recorded than were heard
        (L6). So it is with a host that is removed at the same moment."""
        seen = await self._seen(vm, home.id)
        self._may(home, Act.ADOPT)
        record = await self._context.store.get(VmRecord, vm)
        check_adoptable(seen, record, home)
        number, now = await self._context.intakes.next(), self._context.clock.now()
        adopted = adopted_record(seen, record, home, name=name, number=number, now=now)
        cluster = await cluster_now(self._context.store, home.cluster)
        deadline = self._deadline(cluster, OperationKind.ADOPT)
        asked = await self._operation(
            OperationKind.ADOPT, adopted, home, actor=actor, key=key, deadline=deadline
        )
        operation = msgspec.structs.replace(asked, previous=record)
        mark = self._context.signer.mark(self._context.fleet.id, vm, adopted.mark_generation)
        order = CommandId(self._context.clock.uuid())
        command = mark_command(order, operation, home, mark, seen.raw_mark)
        running = msgspec.structs.replace(operation, state=OperationState.RUNNING, command=order)
        outgoing = OutboxCommand(
            id=order, host=home.id, vm=vm, command=command, created_at=operation.created_at
        )
        alone = (Write(before=home, after=home), Write(before=None, after=outgoing))
        return await self._ask(running, Write(before=record, after=adopted), home, *alone)

    async def _recorded(self, vm: VmUuid) -> tuple[VmRecord, Host]:
        """The live record of a VM, and its host."""
        record = await self._context.store.get(VmRecord, vm)
        if record is None or not record.live:
            raise Refused("it is not ours: there is no record of it", hint=f"vmuster vm adopt {vm}")
        if record.host is None:
            raise Refused("it is not known where it is", hint=f"vmuster vm explain {vm}")
        return record, await host_now(self._context.store, record.host)

    async def _owned(self, vm: VmUuid, act: Act) -> tuple[VmRecord, Host]:
        """The record and the host of a VM that may be acted on, as far as can be told here."""
        record, host = await self._recorded(vm)
        self._may(host, act)
        seen = await self._context.store.get(Sighting, host.id, vm)
        if seen is not None and not seen.absent and seen.standing not in _AT_HOME:
            hint = WAY_OUT.get(seen.standing, f"vmuster vm explain {vm}")
            raise Refused(f"{visible(record.name)} is {seen.standing}", hint=hint)
        return record, host

    async def _seen(self, vm: VmUuid, host: HostId | None) -> Sighting:
        found = [
            s
            for s in await self._context.store.find(Sighting, uuid=vm, absent=False)
            if host in (None, s.host)
        ]
        if not found:
            raise NotFound("it was not seen on any host", hint="vmuster vm list")
        if len(found) > 1:
            hosts = ", ".join(sorted(s.host for s in found))
            raise Refused(
                f"it was seen on {len(found)} hosts: {hosts}", hint="say which with --host"
            )
        return found[0]

    def _may(self, host: Host, act: Act) -> None:
        if not allows(host.mode, act):
            hint = f"vmuster host mode {host.name} {HostMode.MANAGE}"
            what = f"{act} is not allowed on host {host.name}, which is in {host.mode}"
            raise Refused(what, hint=hint)

    def _deadline(self, cluster: Cluster, kind: OperationKind, *, force: bool = False) -> float:
        return self._context.clock.now() + cluster.policy.patience(kind, force=force)

    async def _operation(
        self,
        kind: OperationKind,
        record: VmRecord,
        host: Host,
        *,
        actor: str,
        key: str,
        deadline: float,
    ) -> Operation:
        return Operation(
            id=OperationId(self._context.clock.uuid()),
            kind=kind,
            vm=record.uuid,
            name=record.label,
            host=host.id,
            actor=actor,
            created_at=self._context.clock.now(),
            deadline_at=deadline,
            idempotency_key=key,
            intake=await self._context.intakes.next(),
        )

    async def _ask(
        self, operation: Operation, record: Write, host: Host, *more: Write
    ) -> Operation:
        """Write the wish and its operation, all or nothing; then have the host looked at."""
        entry = JournalEntry(
            at=operation.created_at,
            kind=EntryKind.REQUEST,
            actor=operation.actor,
            what=f"{operation.kind} {visible(operation.name)}"
            + (" by force" if operation.force else "")
            + (f": {operation.message}" if operation.message else ""),
            host=host.id,
            vm=operation.vm,
            name=operation.name,
            operation=operation.id,
            command=operation.command,
            evidence=marked(record.after),
        )
        store, actor = self._context.store, operation.actor
        turn = await take_turn(store, operation.vm, actor, operation.created_at)
        writes = (*turn, record, Write(before=None, after=operation), *more)
        (refused,) = await store.commit((Changes(writes=writes, entries=(entry,)),))
        if refused:
            raise Refused(refused, hint=AT_ONCE)
        complete = operation.kind is OperationKind.START
        self._conversations.outbox_changed(host.id)
        self._conversations.ask(LookWish(host=host.id, vms=() if complete else (operation.vm,)))
        return operation


def _forgotten(operation: Operation, why: str) -> Operation:
    return msgspec.structs.replace(
        operation,
        state=OperationState.DONE,
        message=why,
        finished_at=operation.created_at,
    )
