"""An agent's greeting: which host it is, what it knows of us, and the epoch that it is given.

A host that is not the one it was gets no epoch, and with that no order and no hearing. An agent
that knows of more than our database has an older database before it: the fleet goes into
quarantine, and the host is welcomed all the same, since looking harms nobody. What is from before
a quarantine that a person has left is no news: its commands are noted, and the fleet goes on. On
that host automation is disarmed: what is asked for of its VMs may be of before that time. Where
another server is at work over the same database, the fleet stands still too, for two servers can't
keep the epochs of a host without an agent (L5); but a person is told so. It shows in what an agent
was told, or, where each server has agents of its own, in the numbers that the database has given.
"""

from collections.abc import Sequence

import msgspec
import structlog

from vmuster.model.automation import Disarmed
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import CommandId, HostId, HostUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.messages import Hello
from vmuster.model.operations import AGENT, AUTOMATIC
from vmuster.ports.store import Store
from vmuster.reconcile import identity
from vmuster.reconcile.remembered import impossible, newer_than_ours
from vmuster.reconcile.too_new import quarantined
from vmuster.server.context import Context
from vmuster.server.figures.catalogue import HELLOS
from vmuster.server.figures.labels import Greeting
from vmuster.server.references import fleet_now, host_now
from vmuster.server.requests.arming import with_reason
from vmuster.server.talks.repeats import RENAMED
from vmuster.server.talks.troubles import note_trouble

_log = structlog.get_logger("vmuster.greeting")
_OTHER_SERVER = "another server is at work over the same database: end one of the two"
_AWAY = "it was away when a quarantine was left, and knows of more than the database"


async def greet(context: Context, host: HostId, hello: Hello) -> int:
    """The epoch that was issued, durably, to the agent of `host`; 0 where its host is refused."""
    store, claimed = context.store, hello.facts.uuid
    while True:
        before, fleet = await host_now(store, host), await fleet_now(store)
        if why := identity.refused(before, claimed):
            return await _refuse(context, host, why, claimed)
        if why := impossible(before, fleet, hello):
            return await _refuse(context, host, why, None)
        unknown = await _unknown(store, hello)
        changes, fleet_after = _welcomed(context, before, fleet, hello, unknown)
        changes = context.repeats.unrepeated(changes)
        (stale,) = await store.commit((changes,))
        if not stale:
            context.repeats.written(changes)
            if fleet_after is not fleet:
                _log.error("the fleet is in quarantine", host=host, why=fleet_after.quarantine)
                context.fleet = await fleet_now(store)
            context.figures.add(HELLOS, Greeting.WELCOMED)
            return _epoch(before, hello)
        for other in await store.find(Host, uuid=claimed, limit=1):
            if other.id != host:
                return await _refuse(context, host, identity.twin(other.name), claimed)


async def _unknown(store: Store, hello: Hello) -> list[CommandId]:
    """The commands that the agent names and that our database has never heard of."""
    return [
        command
        for command in hello.commands
        if await store.get(OutboxCommand, command) is None
        and not await store.find(JournalEntry, command=command, limit=1)
    ]


async def _refuse(context: Context, host: HostId, why: str, claimed: HostUuid | None) -> int:
    context.figures.add(HELLOS, Greeting.REFUSED)
    context.pulses.reached(host)  # whoever it is, somebody answers at its address
    context.pulses.troubled(host, why)
    await note_trouble(context, host, why, kind=EntryKind.ALERT, claims=claimed)
    return 0


def _epoch(host: Host, hello: Hello) -> int:
    """Above every epoch that either side knows of: none goes backwards at a host (L5)."""
    return max(host.epoch, hello.epoch) + 1


def _welcomed(
    context: Context, host: Host, fleet: Fleet, hello: Hello, unknown: Sequence[CommandId]
) -> tuple[Changes, Fleet]:
    """What a greeting writes, and the fleet as it is then.

    An acceptance lasts for as long as the host that was accepted is the one that answers.
    """
    now = context.clock.now()
    numbers = context.intakes
    others = numbers.others(hello.intake, fleet) or numbers.overtaken(fleet)
    given = fleet.intake if others else numbers.last
    newer = newer_than_ours(host, given, unknown, hello) + ((_OTHER_SERVER,) if others else ())
    past = fleet.trusted > 0 and hello.intake <= fleet.trusted and not others
    was_away = bool(newer) and past and fleet.quarantine is None
    after = msgspec.structs.replace(
        host,
        disarmed=_disarmed(host, now) if was_away else host.disarmed,
        uuid=hello.facts.uuid,
        facts=hello.facts,
        epoch=_epoch(host, hello),
        sequence=0,
        claims=None,
        accepted=host.accepted if host.accepted == hello.facts.uuid else None,
    )
    writes, entries = [Write(before=host, after=after)], list(_renamed(host, hello, now))
    entries += [_unheard(host, command, now) for command in unknown]
    if was_away:
        what = f"host {host.name}: automation was disarmed: {_AWAY}"
        entries.append(_entry(EntryKind.ALERT, host, what, newer, now))
    fleet_after = fleet
    if newer and not past:
        fleet_after = quarantined(fleet, newer, 0 if others else hello.intake, now)
    if fleet_after is not fleet:
        writes.append(Write(before=fleet, after=fleet_after))
        why = "two servers" if others else "the database is older than the hosts"
        what = f"{why}: quarantine; {'; '.join(newer)}"
        told = fleet.quarantine is not None and _words(fleet) == _words(fleet_after)
        kind = EntryKind.DECISION if told else EntryKind.ALERT
        entries.append(_entry(kind, host, what, newer, now))
    return Changes(writes=tuple(writes), entries=tuple(entries)), fleet_after


def _renamed(host: Host, hello: Hello, now: float) -> tuple[JournalEntry, ...]:
    """The note that a host calls itself otherwise than before: a name is no identity."""
    if host.facts is None or host.facts.hostname == hello.facts.hostname:
        return ()
    calls, called = hello.facts.hostname, host.facts.hostname
    what = f"host {host.name} calls itself {calls} now; it called itself {called}"
    entry = JournalEntry(
        at=now, kind=EntryKind.AUDIT, actor=AGENT, what=what, rule=RENAMED, host=host.id
    )
    return (entry,)


def _unheard(host: Host, command: CommandId, now: float) -> JournalEntry:
    """From now on the command is known, and is no evidence a second time."""
    what = f"host {host.name} has begun a command that this database does not know"
    return JournalEntry(
        at=now,
        kind=EntryKind.DECISION,
        actor=AUTOMATIC,
        what=what,
        host=host.id,
        command=command,
    )


def _disarmed(host: Host, now: float) -> Disarmed:
    away = Disarmed(by=AUTOMATIC, at=now, why=_AWAY)
    return with_reason(host.disarmed, away)


def _words(fleet: Fleet) -> tuple[str, ...]:
    """What a person is told of a quarantine: a whole fleet may greet with more of the same."""
    return fleet.quarantine.evidence if fleet.quarantine is not None else ()


def _entry(
    kind: EntryKind, host: Host, what: str, newer: tuple[str, ...], now: float
) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=kind,
        actor=AUTOMATIC,
        what=what,
        host=host.id,
        evidence={"newer": list(newer)},
    )
