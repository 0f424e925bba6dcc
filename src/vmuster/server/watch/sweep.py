"""The sweep: what follows from time passing and nobody saying anything.

Reports bring everything that is known of VMs; that none comes is news of the host alone. Each
round judges every host by its pulse, counts who is up, tells a person what lasts, and ends the
operations whose time is over on hosts that give no account. It writes only what changed, guarded:
what somebody else wrote in between is judged again in the next round.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import structlog

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Corrupt
from vmuster.model.host import Cluster, Host
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.model.plan import LookWish
from vmuster.model.vm import VmRecord
from vmuster.reconcile.overdue import Overdue, overdue
from vmuster.reconcile.silence import judged
from vmuster.server.context import Context, Conversations
from vmuster.server.paging import FIRST, find_all
from vmuster.server.references import fleet_now
from vmuster.server.requests.closing import open_operations
from vmuster.server.watch.alarms import Alarms
from vmuster.server.watch.expiring import drop_expired
from vmuster.server.watch.jumps import heed_jump

_log = structlog.get_logger("vmuster.sweep")
EVERY_SECONDS: Final = 2.0
_REST: Final = 20
"""A round is followed by a rest of at least so many times its own length, however large a fleet;"""
_REST_SECONDS_MAX: Final = 10.0
"""but not longer than this: a database that was slow once makes nobody blind for minutes."""
STILL_SECONDS: Final = 10.0
"""Where a round begins so much later than it should, this server stood still."""
ROUND_SECONDS_MAX: Final = 30.0
"""A round that takes longer leaves the last count out of date, until the next count."""

_TOGETHER: Final = 50
"""Changes in one transaction."""

_Clusters = Mapping[ClusterName, Cluster]


class Sweep:
    """The sweep of one server. `every_seconds`: between two rounds."""

    def __init__(
        self,
        context: Context,
        conversations: Conversations,
        *,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._context = context
        self._conversations = conversations
        self._every_seconds = every_seconds
        self._alarms = Alarms()
        self._hosts = 0
        self._next_at = math.inf

    async def run(self) -> None:
        """Sweep, for ever. A round that fails costs itself: until one succeeds nothing is counted,
        and so nothing is done automatically.
        """
        clock, weather = self._context.clock, self._context.weather
        while True:
            begun = clock.monotonic()
            late = asyncio.get_running_loop().call_later(ROUND_SECONDS_MAX, weather.forget)
            try:
                await self.once()
            except Exception as error:  # whatever it was: silence has to be noticed
                _log.error("round given up", why=repr(error))
                weather.forget()
            finally:
                late.cancel()
            length = clock.monotonic() - begun
            rest = max(self._every_seconds, min(_REST * length, _REST_SECONDS_MAX))
            self._next_at = clock.monotonic() + rest
            await clock.sleep(rest)

    async def once(self) -> None:
        """One round."""
        context = self._context
        self._wake()
        await heed_jump(context)
        context.fleet = await fleet_now(context.store)
        found = await find_all(context.store, Host, at_first=self._hosts + FIRST, readable=True)
        self._hosts = len(found)
        for host in found:  # one that gives no account would never hear that it is over
            self._conversations.heed_epoch(host.id, host.epoch)
        known = await find_all(context.store, Cluster, readable=True)
        clusters = {cluster.name: cluster for cluster in known}
        found = [host for host in found if host.cluster in clusters]
        ids = {host.id for host in found}
        context.pulses.keep(ids)
        context.repeats.keep(ids)
        hosts = await self._judge(found, clusters)
        await self._tell(hosts, clusters)
        if context.fleet.quarantine is None:
            await self._settle({host.id: host for host in hosts}, clusters)
        await drop_expired(context)

    def _wake(self) -> None:
        """Notice that this server stood still: then it first listens to what waits to be heard."""
        now = self._context.clock.monotonic()
        still, self._next_at = now - self._next_at, now + self._every_seconds
        if still > STILL_SECONDS:
            _log.warning("this server stood still", seconds=round(still, 3))
            self._context.pulses.stood_still(still)
            self._context.quiet.begin()

    async def _judge(self, hosts: Sequence[Host], clusters: _Clusters) -> list[Host]:
        """The hosts as their pulses make them; what could not be written stays as it was.

        They are counted first: while many that went dark are written down, nothing is done. When
        a host was heard last is written down with them, now and then (`passes.accounts`).
        """
        now, unwritten = self._context.clock.now(), set(self._context.accounts.unwritten())
        after: dict[HostId, Host] = {host.id: host for host in hosts}
        changes: dict[HostId, Changes] = {}
        for host in hosts:
            policy = clusters[host.cluster].policy
            changed, why = judged(host, self._context.pulses.signs(host.id), policy, now)
            if changed != host or host.id in unwritten:
                after[host.id] = msgspec.structs.replace(changed, version=host.version + 1)
                entries = (_said(host, why, now),) if why else ()
                write = Write(before=host, after=changed)
                changes[host.id] = Changes(writes=(write,), entries=entries)
        self._context.weather.count(after.values())
        refused = await self._commit(list(changes.values()))
        stale = {host for host, why in zip(changes, refused, strict=True) if why}
        return [host if host.id in stale else after[host.id] for host in hosts]

    async def _tell(self, hosts: Sequence[Host], clusters: _Clusters) -> None:
        """Alert what a person should know, once."""
        context, now = self._context, self._context.clock.now()
        dark = {
            name: why
            for name, cluster in clusters.items()
            if (why := context.weather.dark(name, cluster.policy, context.fleet.policy))
        }
        new, past = self._alarms.darkened(dark)
        entries = [
            _entry(
                EntryKind.ALERT,
                f"host {host.name} is {host.health}: {_why_lost(host)}",
                now,
                host=host.id,
            )
            for host in self._alarms.lost(hosts, context.clock.monotonic())
        ]
        if new:
            why = "; ".join(dict.fromkeys(new.values()))
            what = f"nothing is done automatically in {_listed(new)}: {why}"
            entries.append(_entry(EntryKind.ALERT, what, now))
        if past:
            what = f"the breaker is closed again for {_listed(past)}"
            entries.append(_entry(EntryKind.DECISION, what, now))
        for entry in entries:
            _log.warning(entry.what)
        if entries:
            await self._commit([Changes(entries=tuple(entries))])

    async def _settle(self, hosts: Mapping[HostId, Host], clusters: _Clusters) -> None:
        """End what waits for a look that does not come."""
        await heed_jump(self._context)  # the round is long: the clock may have been set in it
        context, now = self._context, self._context.clock.now()
        ended: list[tuple[Operation, Changes]] = []
        for operation in await open_operations(context.store, readable=True):
            host = hosts.get(operation.host)
            if host is not None and self._waits(operation, host, clusters[host.cluster], now):
                continue
            try:
                record = await context.store.get(VmRecord, operation.vm)
            except Corrupt as error:
                _log.error("operation left open", id=str(operation.id), why=error.message)
                continue
            end = overdue(operation, record, now)
            if end is not None:
                ended.append((operation, _ended(operation, end, now)))
        refused = await self._commit([changes for _, changes in ended])
        for (operation, _), why in zip(ended, refused, strict=True):
            if not why:
                _log.warning("operation ended", id=str(operation.id), host=operation.host)
                self._conversations.ask(LookWish(host=operation.host, vms=(operation.vm,)))

    def _waits(self, operation: Operation, host: Host, cluster: Cluster, now: float) -> bool:
        """Whether a look may still end it: the host gives accounts, and it is not long overdue.

        What passed while no server listened, or a clock was set, is no silence of the host.
        """
        late = min(now - operation.deadline_at, self._context.pulses.signs(host.id).watched)
        return host.well_since is not None and late < cluster.policy.suspect_after_seconds

    async def _commit(self, changes: Sequence[Changes]) -> list[str]:
        """Commit in small parts: others write too, and wait for no crowd (L13)."""
        refused: list[str] = []
        for start in range(0, len(changes), _TOGETHER):
            some = changes[start : start + _TOGETHER]
            refused += await self._context.store.commit(some)
        return refused


def _ended(operation: Operation, end: Overdue, now: float) -> Changes:
    entry = JournalEntry(
        at=now,
        kind=EntryKind.DECISION,
        actor=AUTOMATIC,
        what=f"{operation.kind} {end.operation.state}: {end.operation.message}",
        rule="overdue",
        host=operation.host,
        vm=operation.vm,
        name=operation.name,
        operation=operation.id,
    )
    writes = [Write(before=operation, after=end.operation)]
    if end.transition is not None:
        writes.append(Write(before=end.transition.before, after=end.transition.after))
    return Changes(writes=tuple(writes), entries=(entry,))


def _why_lost(host: Host) -> str:
    """Why a host is not UP, in words. One that is back is not taken for UP at once."""
    back = "it gives accounts again, and is up once that has lasted"
    return host.trouble or (back if host.well_since is not None else "it gives no account")


def _said(host: Host, why: str, now: float) -> JournalEntry:
    return _entry(EntryKind.DECISION, f"host {host.name}: {why}", now, host=host.id)


def _entry(kind: EntryKind, what: str, now: float, *, host: HostId | None = None) -> JournalEntry:
    return JournalEntry(at=now, kind=kind, actor=AUTOMATIC, what=what, host=host)


def _listed(clusters: Mapping[ClusterName, str] | Sequence[ClusterName]) -> str:
    return ("cluster " if len(clusters) == 1 else "clusters ") + ", ".join(sorted(clusters))
