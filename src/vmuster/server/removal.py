"""A host leaves the fleet, and stays as it was: its VMs, their marks and their power.

A host that has VMs of ours is not removed: they are released first (which takes our marks out of
them), or, where the host is not heard of, forgotten on a person's word (and the marks stay).
"""

from collections.abc import Sequence
from typing import Final, Protocol

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind
from vmuster.model.text import visible
from vmuster.model.vm import VmRecord
from vmuster.server.closing import closed, given_up, open_operations, unanswered
from vmuster.server.context import Context
from vmuster.server.operations import Requests
from vmuster.server.paging import find_all
from vmuster.server.quarantine import check_open
from vmuster.server.references import host_now

_WHY: Final = "the host was removed"
_NAMED_MAX: Final = 5
"""VMs that a refusal names; of the others it gives the number."""


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
                + _some(refused),
                hint=f"vmuster vm list --host {host.name}",
            )
        return operations

    async def remove(self, host: Host, *, forget: bool, actor: str) -> None:
        """Drop the host and what was seen there; nothing on the host itself changes.

        `forget`: the records of VMs of ours on it too; only for a host that is not heard of. What
        is in flight is closed. A host that is gone already raises `NotFound`.
        """
        check_open(self._context)
        store = self._context.store
        while True:
            host = await host_now(store, host.id)
            owned = await self._owned(host)
            operations = await open_operations(store, host.id)
            commands = await unanswered(store, host.id)
            _check(host, owned, operations, forget=forget)
            now = self._context.clock.now()
            writes = (
                *(Write(before=record, after=None) for record in owned),
                *(given_up(operation, _WHY, now) for operation in operations),
                *(closed(command, _WHY, now) for command in commands),
                Write(before=host, after=None),
            )
            entries = (_removed(host, actor, now), *(_forgot(r, host, actor, now) for r in owned))
            (refused,) = await store.commit((Changes(writes=writes, entries=entries),))
            if not refused:
                break
            if (await host_now(store, host.id)).version == host.version and not await self._moved(
                host, owned, operations, commands
            ):
                raise Refused(refused)
        await self._conversations.hang_up(host.id)

    async def _owned(self, host: Host) -> Sequence[VmRecord]:
        return await find_all(self._context.store, VmRecord, host=host.id, removed_at=None)

    async def _moved(self, host: Host, *before: Sequence[object]) -> bool:
        """Whether what the removal was decided on has changed since."""
        store = self._context.store
        now = (
            await self._owned(host),
            await open_operations(store, host.id),
            await unanswered(store, host.id),
        )
        return any(list(one) != list(other) for one, other in zip(now, before, strict=True))


def _check(
    host: Host, owned: Sequence[VmRecord], operations: Sequence[Operation], *, forget: bool
) -> None:
    """Refuses a removal that would forget VMs of ours, or that comes amid an act."""
    heard = host.well_since is not None
    remove = f"vmuster host remove {host.name}"
    if forget and heard:
        raise Refused(
            f"host {host.name} is heard of: nothing on it need be forgotten",
            hint=f"{remove} --release",
        )
    if owned and not forget:
        names = _some([visible(record.name) for record in owned])
        raise Refused(
            f"{len(owned)} VMs of ours are on host {host.name}: {names}",
            hint=f"{remove} {'--release' if heard else '--forget'}",
        )
    if operations and heard:
        first = operations[0]
        raise Refused(
            f"{first.kind} {visible(first.name)} by {first.actor} is in flight on {host.name}",
            hint=f"vmuster operation show {first.id}; ask again once it has ended",
        )


def _removed(host: Host, actor: str, now: float) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=EntryKind.AUDIT,
        actor=actor,
        what=f"host {host.name} was removed from cluster {host.cluster}",
        host=host.id,
        cluster=host.cluster,
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


def _some(words: Sequence[str]) -> str:
    more = len(words) - _NAMED_MAX
    return ", ".join(words[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
