"""No copy of a VM is left on a host: a person's word, where no witness can give it.

A VM of ours that a host lost, and of which nobody confirmed that no process runs on, is started
nowhere (L2), and its record does not follow it to where it is stopped. What is said here is taken
as that confirmation. No VM changes by it; and what a host shows goes before what a person says.
"""

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import OperationId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import OperationKind, OperationState
from vmuster.model.text import visible
from vmuster.model.vm import Sighting, VmRecord
from vmuster.reconcile.holds import EMPTIED
from vmuster.server.context import Context, Conversations
from vmuster.server.references import host_now
from vmuster.server.requests.quarantine import check_open
from vmuster.server.requests.turns import AT_ONCE, made_before, take_turn


async def forget_copy(
    context: Context,
    conversations: Conversations,
    vm: VmUuid,
    host: Host,
    *,
    actor: str,
    key: str = "",
) -> Operation:
    """Take the person's word that nothing of `vm` is left on `host`; it is done at once.

    Raises `Refused` while that host shows the VM, and where nothing of it is remembered there.
    """
    store = context.store
    before = await made_before(store, OperationKind.RELEASE, vm, actor, key)
    if before is not None:
        return before
    check_open(context)
    host = await host_now(store, host.id)
    lost = _lost(await store.get(Sighting, host.id, vm), host, vm)
    record = await store.get(VmRecord, vm)
    number = await context.intakes.next()
    done = _said(context, host, lost, number, actor=actor, key=key)
    # every report writes its host: one that shows the VM at this very moment takes the word back
    writes = (
        *(await take_turn(store, vm, actor, done.created_at)),
        Write(before=host, after=host),
        Write(before=None, after=done),
    )
    at_home = record is not None and record.live and record.host == host.id
    changes = Changes(
        writes=writes,
        sightings=(_confirmed(lost, number),) if at_home else (),
        gone=() if at_home else ((host.id, vm),),
        entries=(_entry(done),),
    )
    (refused,) = await store.commit((changes,))
    if refused:
        raise Refused(refused, hint=AT_ONCE)
    shown = {seen.host for seen in await store.find(Sighting, uuid=vm, absent=False)}
    for each in sorted(shown | {host.id}):
        conversations.ask(LookWish(host=each))
    return done


def _lost(seen: Sighting | None, host: Host, vm: VmUuid) -> Sighting:
    """What was seen of a VM that `host` lost, as absent; raises `Refused` where it is not known to
    be lost. An empty list is no information; that it is right to be empty is what is said here,
    and no word counts against a later look that has shown otherwise."""
    if seen is None:
        raise Refused(
            f"nothing of it is remembered on host {host.name}", hint=f"vmuster vm explain {vm}"
        )
    if not seen.absent and host.trouble != EMPTIED:
        raise Refused(
            f"host {host.name} shows {visible(seen.name)}: it is {seen.power} there",
            hint=f"vmuster vm explain {vm}",
        )
    return seen


def _confirmed(lost: Sighting, number: int) -> Sighting:
    """`lost` as a look number `number` would leave it that a witness confirmed."""
    return msgspec.structs.replace(
        lost,
        absent=True,
        absence_confirmed=True,
        complete_reports=0,
        active_since=0,
        taken_in=number,
        asked_after=number,
    )


def _said(
    context: Context, host: Host, lost: Sighting, number: int, *, actor: str, key: str
) -> Operation:
    now = context.clock.now()
    return Operation(
        id=OperationId(context.clock.uuid()),
        kind=OperationKind.RELEASE,
        vm=lost.uuid,
        name=lost.name,
        host=host.id,
        actor=actor,
        created_at=now,
        deadline_at=now,
        finished_at=now,
        state=OperationState.DONE,
        message=f"{actor} says that no copy of it is left on host {host.name}",
        idempotency_key=key,
        intake=number,
    )


def _entry(done: Operation) -> JournalEntry:
    return JournalEntry(
        at=done.created_at,
        kind=EntryKind.AUDIT,
        actor=done.actor,
        what=done.message,
        host=done.host,
        vm=done.vm,
        name=done.name,
        operation=done.id,
    )
