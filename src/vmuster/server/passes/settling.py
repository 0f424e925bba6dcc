"""Accounts that survive a stop: what a server that ends in good order leaves to the next one.

For each host of whose account a pass was the last word, that is its digest. The next server takes
an account with it in without judging it, as the one before would have. So it holds only where that
one could know of all that was written: everything that passes go by is weighed last of all, and
where it weighs something else now, or another release judged, nothing of it counts. That is so
after a restored backup, after a row that was corrected by hand, after any command that wrote while
no server ran, and where another server was still at work. What is left is taken away before this
server writes anything else, so one that is killed leaves nothing, and each account is judged whole.
"""

from collections.abc import Iterable, Sequence
from importlib.metadata import version

import structlog

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import VmusterError
from vmuster.model.host import Host
from vmuster.model.settled import Settled
from vmuster.reconcile.stirring import GONE_BY
from vmuster.server.context import Context
from vmuster.server.paging import find_all

_log = structlog.get_logger("vmuster.settling")


async def recall(context: Context, hosts: Iterable[Host]) -> None:
    """Take over what the server before has left of these hosts, where it holds; it is gone then in
    any case.

    Call it before anything else is written. In a quarantine nothing is believed: there it counts
    what was looked at since.
    """
    store = context.store
    left = await find_all(store, Settled, readable=True)
    if not left:
        return
    holds = await _holding(context, left)
    taken_away = Changes(writes=tuple(Write(before=each, after=None) for each in left))
    (refused,) = await store.commit((taken_away,))
    if refused:
        return  # another server has taken them
    there = {host.id: host for host in hosts}
    for each in holds:
        if each.host in there:
            context.accounts.recall(there[each.host], each)


async def keep(context: Context) -> None:
    """Leave to the next server what is settled; the last thing that this one writes. What can't be
    written is judged again."""
    store, accounts = context.store, context.accounts
    try:
        seal = await _seal(context)
        left = accounts.settled(seal) if seal else ()
        sets = [Changes(writes=(Write(before=None, after=each),)) for each in left]
        refused = await store.commit(sets) if sets else []
    except VmusterError as error:
        _log.warning("accounts will be judged anew", why=error.message)
        return
    if any(refused):
        _log.warning("some accounts will be judged anew", why=next(filter(None, refused)))


async def _holding(context: Context, left: Sequence[Settled]) -> Sequence[Settled]:
    if context.fleet.quarantine is not None:
        return ()
    seal = await _seal(context)
    return [each for each in left if each.seal == seal]


async def _seal(context: Context) -> str:
    """Under which an account is settled now; "" where nobody can tell."""
    weight = await context.store.weigh(GONE_BY)
    return weight and f"vmuster {version('vmuster')}: {weight}"
