"""The way out of the quarantine: what an older database forgot, and a person's word to go on.

While the fleet is in quarantine its hosts are observed, and nothing is sent or asked for. Leaving
it closes what the old database still wanted, raises every number above those that were seen, and
adopts nothing: VMs that the database does not know are orphans then, for a person to adopt.
"""

from typing import Final

import msgspec

from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import Standing
from vmuster.server.closing import open_operations, unanswered
from vmuster.server.context import Context, Conversations
from vmuster.server.paging import find_all
from vmuster.server.past import Past, read_past
from vmuster.server.references import fleet_now
from vmuster.server.views import VmView, vms

HINT: Final = "vmuster quarantine show"
_AGAIN_SECONDS: Final = 0.05
"""Before it is tried again where a pass had written a host's rows in between."""


class QuarantineView(msgspec.Struct, frozen=True, kw_only=True):
    """What a person reads before they leave the quarantine.

    `quarantine` None: there is none. `orphans`: VMs with a good mark of ours that the database does
    not know, to be adopted afterwards. `missing`: records of VMs that no host shows. `operations`
    and `commands`: what will be closed. `clusters`: with the policies and grants of back then.
    """

    quarantine: Quarantine | None
    orphans: tuple[VmView, ...] = ()
    missing: tuple[VmView, ...] = ()
    operations: tuple[Operation, ...] = ()
    commands: tuple[OutboxCommand, ...] = ()
    clusters: tuple[Cluster, ...] = ()


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
    )


async def leave(context: Context, conversations: Conversations, *, actor: str) -> Fleet:
    """Go on with this database: in one transaction, and with automation disarmed.

    Where there is no quarantine, nothing changes. Where a pass wrote at the same moment, it is
    decided anew. Records follow what was seen: a wish of the past is carried out by nobody. Raises
    `Unavailable` while a host that is heard of has given no whole account since.
    """
    refused = "not written yet"
    while refused:
        before = await fleet_now(context.store)
        if before.quarantine is None:
            context.fleet = before
            return before
        await _check_accounts(context, before.quarantine)
        past = await read_past(context.store)
        after = _released(context, before, before.quarantine, past, actor)
        now = context.clock.now()
        changes = Changes(
            writes=(Write(before=before, after=after), *past.writes(now)),
            entries=tuple(past.entries(before.quarantine, actor, now)),
        )
        (refused,) = await context.store.commit((changes,))
        if refused and (await fleet_now(context.store)).version == before.version:
            await context.clock.sleep(_AGAIN_SECONDS)
    await context.intakes.reserve()
    context.fleet = await fleet_now(context.store)
    for host in await find_all(context.store, Host):
        conversations.settings_changed(host.id)
        conversations.ask(LookWish(host=host.id))
    return context.fleet


async def _check_accounts(context: Context, quarantine: Quarantine) -> None:
    """What hosts showed before the quarantine is of the past too."""
    waited_for = [
        host.name
        for host in await find_all(context.store, Host)
        if host.well_since is not None and (host.last_complete_at or 0.0) < quarantine.since
    ]
    if waited_for:
        raise Unavailable(
            f"{len(waited_for)} hosts have given no whole account since the quarantine began: "
            + ", ".join(sorted(waited_for)[:5]),
            hint="ask again in a moment; a host that stays silent is waited for no longer",
        )


def _released(
    context: Context, fleet: Fleet, quarantine: Quarantine, past: Past, actor: str
) -> Fleet:
    """The fleet row without its quarantine: every number to come is above all that were seen."""
    highest = max(fleet.intake, quarantine.highest, context.intakes.last, past.highest)
    return msgspec.structs.replace(
        fleet,
        intake=highest + 1,
        quarantine=None,
        disarmed=Disarmed(by=actor, at=context.clock.now(), why="after a quarantine"),
    )
