"""The way out of the quarantine: what an older database forgot, and a person's word to go on.

While the fleet is in quarantine its hosts are observed, and nothing is sent or asked for. Leaving
it closes what the old database still wanted, raises every number above those that were seen, and
adopts nothing: VMs that the database does not know are orphans then, for a person to adopt.

It is left once: a host that was away meanwhile remembers the forgotten time too, and brings no
second quarantine; automation stays disarmed on it until a person has seen to its VMs. So the
numbers are raised by more than such a time can have used up, and what they are raised to is kept,
as `Fleet.trusted`: what is not above it is no evidence any more.
"""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId
from vmuster.model.operations import Operation
from vmuster.model.states import Standing
from vmuster.server.answers.views import VmView, vms
from vmuster.server.context import Context, Conversations
from vmuster.server.paging import find_all
from vmuster.server.references import fleet_now
from vmuster.server.requests.amending import decided
from vmuster.server.requests.closing import open_operations, unanswered
from vmuster.server.requests.past import Past, read_past

HINT: Final = "vmuster quarantine show"
_NUMBERS: Final = 2**28
"""What is left out of numbers: a thousand hosts give about as many in a quarter of a year."""
_NAMED_MAX: Final = 5


class QuarantineView(msgspec.Struct, frozen=True, kw_only=True):
    """What a person reads before they leave the quarantine.

    `quarantine` None: there is none. `orphans`: VMs with a good mark of ours that the database does
    not know, to be adopted afterwards. `missing`: records of VMs that no host shows. `operations`
    and `commands`: what will be closed. `clusters`: with the policies and grants of back then.
    `waited_for`: the names of the hosts without whose account it is not left.
    """

    quarantine: Quarantine | None
    orphans: tuple[VmView, ...] = ()
    missing: tuple[VmView, ...] = ()
    operations: tuple[Operation, ...] = ()
    commands: tuple[OutboxCommand, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    waited_for: tuple[str, ...] = ()


def check_open(context: Context) -> None:
    """Refuses any request while the fleet is in quarantine."""
    if context.fleet.quarantine is not None:
        raise Refused("the fleet is in quarantine: its database is older than its hosts", hint=HINT)


async def view(context: Context) -> QuarantineView:
    """Why the fleet is in quarantine, and what leaving it would mean; empty where it is not."""
    store = context.store
    quarantine = (await fleet_now(store)).quarantine
    if quarantine is None:
        return QuarantineView(quarantine=None)
    shown = await vms(store, context.clock.now())
    return QuarantineView(
        quarantine=quarantine,
        orphans=tuple(vm for vm in shown if vm.standing is Standing.ORPHAN),
        missing=tuple(vm for vm in shown if vm.standing is None),
        operations=tuple(await open_operations(store)),
        commands=tuple(await unanswered(store)),
        clusters=tuple(await find_all(store, Cluster)),
        waited_for=tuple(host.name for host in await _waited_for(context)),
    )


async def leave(
    context: Context, conversations: Conversations, *, actor: str, without: Collection[HostId] = ()
) -> Fleet:
    """Go on with this database: in one transaction, and with automation disarmed.

    Where there is no quarantine, nothing changes. Where a pass wrote at the same moment, it is
    decided anew. Records follow what was seen: a wish of the past is carried out by nobody. Raises
    `Unavailable` while a host that is heard of, and is not one of `without`, has given this server
    no account; `Refused` where it can't be written.
    """
    store = context.store

    async def read() -> tuple[Fleet, Past | None]:
        fleet = await fleet_now(store)
        if fleet.quarantine is None:
            return fleet, None
        _check_accounts([host for host in await _waited_for(context) if host.id not in without])
        return fleet, await read_past(context)

    def decide(found: tuple[Fleet, Past | None]) -> Changes | None:
        fleet, past = found
        if fleet.quarantine is None or past is None:
            return None
        now = context.clock.now()
        after = _released(context, fleet, fleet.quarantine, past, actor)
        return Changes(
            writes=(Write(before=fleet, after=after), *past.writes(actor, now)),
            entries=tuple(past.entries(fleet.quarantine, actor, now)),
        )

    fleet, _ = await decided(store, read, decide)
    if fleet.quarantine is None:
        context.fleet = fleet
        return fleet
    conversations.begin_anew()  # no agent goes on with what was just closed
    await context.intakes.reserve()
    context.fleet = await fleet_now(store)
    return context.fleet


async def _waited_for(context: Context) -> list[Host]:
    """The hosts that are heard of and that gave no account since the quarantine began, whole or
    not: what is known of their VMs is what the database says of the past."""
    hosts = await find_all(context.store, Host)
    waited_for = (h for h in hosts if h.well_since is not None and not context.pulses.told(h.id))
    return sorted(waited_for, key=lambda host: host.name)


def _check_accounts(waited_for: Sequence[Host]) -> None:
    if waited_for:
        named = ", ".join(host.name for host in waited_for[:_NAMED_MAX])
        more = " and others" if len(waited_for) > _NAMED_MAX else ""
        raise Unavailable(
            f"{len(waited_for)} hosts have given no account since the quarantine began: {named}"
            + more,
            hint="ask again in a moment; or leave without them: vmuster quarantine leave --without"
            " HOST",
        )


def _released(
    context: Context, fleet: Fleet, quarantine: Quarantine, past: Past, actor: str
) -> Fleet:
    """The fleet row without its quarantine: every number to come is above all that were seen, and
    above all that a host that is away may show yet."""
    highest = max(fleet.intake, quarantine.highest, context.intakes.last, past.highest)
    return msgspec.structs.replace(
        fleet,
        intake=highest + _NUMBERS,
        trusted=highest + _NUMBERS,
        quarantine=None,
        disarmed=Disarmed(by=actor, at=context.clock.now(), why="after a quarantine"),
    )
