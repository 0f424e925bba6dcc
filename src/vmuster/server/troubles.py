"""Why a host gives no account, written down once; nothing follows from it for any VM (L6)."""

from typing import Final

import msgspec
import structlog

from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import HostId, HostUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.text import bounded, visible
from vmuster.reconcile.silence import troubled
from vmuster.server.context import Context
from vmuster.server.references import host_now

_log = structlog.get_logger("vmuster.troubles")
_CHARACTERS_MAX: Final = 500
"""What is kept of an agent's words: they may hold anything, at any length (T17, T18)."""


def safe(words: str) -> str:
    """An agent's words, bounded and visible."""
    return visible(bounded(words, _CHARACTERS_MAX))


async def note_trouble(
    context: Context,
    host: HostId,
    what: str,
    *,
    kind: EntryKind = EntryKind.DECISION,
    claims: HostUuid | None = None,
    gist: str = "",
) -> None:
    """Write down that `host` gives no account, and why. What is known already changes nothing.

    `kind`: of the entry in the journal; who is silent is not alerted one by one, since a whole
    fleet may be. `claims`: the uuid with which a host that was refused introduced itself.
    `gist`: the part of the words by which it is known already, where the rest is new every time.
    """
    what = safe(what) or "it does not say why"
    while True:
        before = await host_now(context.store, host)
        claimed = claims or before.claims
        told = (gist or what) in before.trouble and before.well_since is None
        if told and claimed == before.claims:
            return
        after = msgspec.structs.replace(
            troubled(before, context.clock.now()), trouble=what, claims=claimed
        )
        if not await _write(context, before, after, kind):
            _log.warning("no account of host", host=host, why=what)
            return


async def _write(context: Context, before: Host, after: Host, kind: EntryKind) -> str:
    """Why it was not written: somebody wrote the host in between."""
    entry = JournalEntry(
        at=context.clock.now(),
        kind=kind,
        actor="agent",
        what=f"no account of host {before.name}: {after.trouble}",
        host=before.id,
    )
    changes = Changes(writes=(Write(before=before, after=after),), entries=(entry,))
    (refused,) = await context.store.commit((changes,))
    if not refused:
        context.weather.note(msgspec.structs.replace(after, version=before.version + 1))
    return refused
