"""Why a host gives no account, written down once; nothing follows from it for any VM (L6)."""

from types import EllipsisType

import msgspec
import structlog

from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import HostId, HostUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AGENT
from vmuster.model.text import safe
from vmuster.reconcile.silence import troubled
from vmuster.server.context import Context
from vmuster.server.references import host_now
from vmuster.server.talks.repeats import TROUBLE, TURNED_AWAY

_log = structlog.get_logger("vmuster.troubles")


async def note_trouble(
    context: Context,
    host: HostId,
    what: str,
    *,
    kind: EntryKind = EntryKind.DECISION,
    claims: HostUuid | EllipsisType | None = ...,
    gist: str = "",
) -> None:
    """Write down that `host` gives no account, and why. What is known already changes nothing.

    `kind`: of the entry in the journal; who is silent is not alerted one by one, since a whole
    fleet may be. `claims`: the uuid with which a host that was refused introduced itself; `...`
    where that stays what it was.
    `gist`: the part of the words by which it is known already, where the rest is new every time.
    """
    what = safe(what) or "it does not say why"
    rule = TROUBLE if isinstance(claims, EllipsisType) else TURNED_AWAY
    while True:
        before = await host_now(context.store, host)
        claimed = before.claims if isinstance(claims, EllipsisType) else claims
        told = (gist or what) in before.trouble and before.well_since is None
        if told and claimed == before.claims:
            return
        after = msgspec.structs.replace(
            troubled(before, context.clock.now()), trouble=what, claims=claimed
        )
        if not await _write(context, before, after, kind, rule):
            _log.warning("no account of host", host=host, why=what)
            return


async def _write(context: Context, before: Host, after: Host, kind: EntryKind, rule: str) -> str:
    """Why it was not written: somebody wrote the host in between."""
    entry = JournalEntry(
        at=context.clock.now(),
        kind=kind,
        actor=AGENT,
        what=f"no account of host {before.name}: {after.trouble}",
        rule=rule,
        host=before.id,
    )
    changes = context.repeats.unrepeated(
        Changes(writes=(Write(before=before, after=after),), entries=(entry,))
    )
    (refused,) = await context.store.commit((changes,))
    if not refused:
        context.repeats.written(changes)
        context.weather.note(msgspec.structs.replace(after, version=before.version + 1))
    return refused
