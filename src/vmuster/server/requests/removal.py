"""A host leaves the fleet, and stays as it was: its VMs, their marks and their power.

A host that has VMs of ours is not removed: they are released first (which takes our marks out of
them), or, where the host is not heard of, forgotten on a person's word (and the marks stay).

With a host goes all that was seen there, and with that the evidence that keeps the VMs which may
run on it from being started elsewhere (L2). So it stays while one of ours may: until it was seen
that none does, or a person says that the machine is dead.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import MarkVerdict, OperationKind, PowerState
from vmuster.model.text import counted, listed, visible
from vmuster.model.vm import Sighting, VmRecord
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.references import host_now
from vmuster.server.requests.amending import Expected, anything, decided
from vmuster.server.requests.closing import closed, given_up, open_operations, unanswered
from vmuster.server.requests.operations import Requests
from vmuster.server.requests.quarantine import check_open

_WHY: Final = "the host was removed"
_OFF: Final = frozenset({PowerState.STOPPED, PowerState.CRASHED})


class _Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """What a removal is decided on. `owned`: the records that say this host; `elsewhere`: live ones
    of VMs that were seen here and live on another; `strangers`: what was seen and has no record.
    """

    host: Host
    owned: tuple[VmRecord, ...]
    elsewhere: tuple[VmRecord, ...]
    strangers: tuple[VmUuid, ...]
    seen: dict[VmUuid, Sighting]
    operations: tuple[Operation, ...]
    commands: tuple[OutboxCommand, ...]

    @property
    def heard(self) -> bool:
        """Whether the host is heard of."""
        return self.host.well_since is not None

    @property
    def in_flight(self) -> tuple[Operation, ...]:
        """The open operations that a removal would come amid: not an automatic one whose command
        was answered, for that only waits for its next try."""
        under_way = {command.id for command in self.commands}
        return tuple(o for o in self.operations if not o.automatic or o.command in under_way)

    @property
    def bears_our_marks(self) -> bool:
        """Whether something of ours was seen here last."""
        return any(s.mark is MarkVerdict.OURS and not s.absent for s in self.seen.values())

    @property
    def may_run(self) -> tuple[VmRecord | Sighting, ...]:
        """The VMs of ours that may run here, as far as is known; some have no record any more, and
        what is remembered of them keeps who adopts them elsewhere from starting them twice. What
        was never ours goes with the host, whether it is lost or there."""
        live = (*self.owned, *self.elsewhere)
        known = {record.uuid for record in live}
        lost = (s for u, s in self.seen.items() if u not in known and s.absent and not s.strange)
        return (
            *(record for record in live if self._may_run(record)),
            *(seen for seen in lost if not seen.absence_confirmed),
        )

    def _may_run(self, record: VmRecord) -> bool:
        """Not where it was seen to be off at home, or is confirmed to be gone. A marked copy away
        from home counts as its home's clearance counts it: whether it runs or not."""
        seen = self.seen.get(record.uuid)
        if seen is None:
            return record.power not in _OFF
        if seen.absent:
            return not seen.absence_confirmed
        away = record.host != self.host.id
        return seen.power not in _OFF or (away and seen.mark is MarkVerdict.OURS)


class Lines(Protocol):
    """The conversations, as far as one of them can be ended."""

    async def hang_up(self, host: HostId) -> None:
        """End the conversation with `host`."""
        ...


class Removal:
    """Takes requests for one server."""

    def __init__(self, context: Context, conversations: Lines, requests: Requests) -> None:
        self._context = context
        self._conversations = conversations
        self._requests = requests

    async def release_all(self, host: Host, *, actor: str) -> list[Operation]:
        """Ask for the release of every VM of ours that is recorded on `host`.

        A release that is in flight already is given as it is: asked twice is asked once. Raises
        `Refused` where any of them may not be released, after the others were asked for.
        """
        check_open(self._context)
        open_ = await open_operations(self._context.store, host.id)
        leaving = {each.vm: each for each in open_ if each.kind is OperationKind.RELEASE}
        operations: list[Operation] = []
        refused: list[str] = []
        for record in await self._owned(host):
            try:
                operation = leaving.get(record.uuid) or await self._requests.release(
                    record.uuid, actor=actor
                )
            except Refused as error:
                refused.append(f"{visible(record.name)}: {error}")
            else:
                operations.append(operation)
        if refused:
            raise Refused(
                f"{len(refused)} of {len(refused) + len(operations)} VMs can't be released: "
                + listed(refused),
                hint=f"vmuster vm list --host {host.name}",
            )
        return operations

    async def remove(
        self,
        host: Host,
        *,
        forget: bool,
        actor: str,
        dead: bool = False,
        expected: Expected = anything,
    ) -> None:
        """Drop the host and what was seen there; nothing on the host itself changes.

        `forget`: the records of VMs of ours on it too; only for a host that is not heard of.
        `dead`: a person's word that nothing runs on it any more. What is in flight is closed. In
        quarantine only a host without anything of ours goes. One that is gone already raises
        `NotFound`.
        """

        def decide(leaving: _Leaving) -> Changes:
            expected(leaving.host)
            if leaving.owned or leaving.bears_our_marks:
                check_open(self._context)
            _check(leaving, forget=forget, dead=dead)
            return _changes(leaving, actor, dead, self._context.clock.now())

        await decided(self._context.store, lambda: self._read(host), decide)
        await self._conversations.hang_up(host.id)

    async def _owned(self, host: Host) -> Sequence[VmRecord]:
        return await find_all(self._context.store, VmRecord, host=host.id, removed_at=None)

    async def _read(self, host: Host) -> _Leaving:
        store = self._context.store
        now = await host_now(store, host.id)
        owned = await self._owned(host)
        seen = {each.uuid: each for each in await find_all(store, Sighting, host=host.id)}
        others = seen.keys() - {record.uuid for record in owned}
        records = {uuid: await store.get(VmRecord, uuid) for uuid in sorted(others)}
        return _Leaving(
            host=now,
            owned=tuple(owned),
            elsewhere=tuple(r for r in records.values() if r is not None and r.live),
            strangers=tuple(uuid for uuid, record in records.items() if record is None),
            seen=seen,
            operations=tuple(await open_operations(store, host.id)),
            commands=tuple(await unanswered(store, host.id)),
        )


def _check(leaving: _Leaving, *, forget: bool, dead: bool) -> None:
    """Refuses a removal that would forget what must be known, or that comes amid an act."""
    name, heard = leaving.host.name, leaving.heard
    remove = f"vmuster host remove {name}"
    if (forget or dead) and heard:
        raise Refused(
            f"host {name} is heard of: nothing on it need be forgotten",
            hint=f"{remove} --release",
        )
    if leaving.owned and not forget:
        raise Refused(
            f"on host {name} there {'is' if len(leaving.owned) == 1 else 'are'}"
            f" {counted(len(leaving.owned), 'VM')} of ours: {_names(leaving.owned)}",
            hint=f"{remove} {'--release' if heard else '--forget'}",
        )
    if leaving.in_flight and heard:
        first = leaving.in_flight[0]
        raise Refused(
            f"{first.kind} {visible(first.name)} by {first.actor} is in flight on {name}",
            hint=f"vmuster operation show {first.id}; ask again once it has ended",
        )
    if leaving.may_run and not dead:
        first_vm = leaving.may_run[0].uuid
        raise Refused(
            f"{len(leaving.may_run)} VMs of ours may run on host {name}, as far as is known:"
            f" {_names(leaving.may_run)}",
            hint=f"vmuster vm explain {first_vm}; undefine it there, or have its record follow it;"
            f" if you know that it is gone: vmuster vm forget {first_vm} --on {name}"
            if heard
            else f"if the machine is off for good: {remove}{' --forget' * forget} --dead",
        )


def _changes(leaving: _Leaving, actor: str, dead: bool, now: float) -> Changes:
    host, owned = leaving.host, leaving.owned
    return Changes(
        unrecorded=leaving.strangers,
        writes=(
            *(Write(before=record, after=None) for record in owned),
            *(given_up(operation, _WHY, now) for operation in leaving.operations),
            *(closed(command, _WHY, now) for command in leaving.commands),
            Write(before=host, after=None),
        ),
        entries=(
            _removed(host, actor, dead, now),
            *(_forgot(record, host, actor, now) for record in owned),
        ),
    )


def _removed(host: Host, actor: str, dead: bool, now: float) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=EntryKind.AUDIT,
        actor=actor,
        what=f"host {host.name} was removed from cluster {host.cluster}"
        + (", and is said to be dead" if dead else ""),
        host=host.id,
        cluster=host.cluster,
        name=host.name,
        evidence={"uuid": str(host.uuid) if host.uuid else None, "health": host.health},
    )


def _forgot(record: VmRecord, host: Host, actor: str, now: float) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=EntryKind.AUDIT,
        actor=actor,
        what=f"forgotten with host {host.name}, which was not heard of; our mark is still in it",
        host=host.id,
        vm=record.uuid,
        name=record.name,
    )


def _names(records: Sequence[VmRecord | Sighting]) -> str:
    return listed([visible(record.name) for record in records])
