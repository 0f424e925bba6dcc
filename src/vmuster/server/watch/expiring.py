"""Answers that were kept for repeated requests are dropped: the old ones, and those too many."""

from collections.abc import Sequence
from typing import Final

from vmuster.model.changes import Changes, Write
from vmuster.model.operations import RequestAnswer
from vmuster.server.context import Context

KEPT_SECONDS: Final = 24 * 3600.0
"""Whoever has lost an answer asks again within a day."""
KEPT_MAX: Final = 10_000
"""Of more, the oldest go: each is at most 64 KiB long, and a busy key asks 50 times a second."""
_AT_ONCE: Final = 200


async def drop_expired(context: Context) -> None:
    """Drop what is not kept any longer, some at a time: the next call drops more."""
    store, now = context.store, context.clock.now()
    oldest = await store.find(RequestAnswer, limit=1, readable=True)
    too_many = sum((await store.count(RequestAnswer, "actor")).values()) - KEPT_MAX
    if too_many <= 0 and not _expired(oldest, now):
        return  # nearly always: no answer was read but one
    oldest = await store.find(RequestAnswer, limit=_AT_ONCE, readable=True)
    dropped = oldest[: max(too_many, _expired(oldest, now))]
    if dropped:
        await store.commit([Changes(writes=(Write(before=row, after=None),)) for row in dropped])


def _expired(oldest: Sequence[RequestAnswer], now: float) -> int:
    """How many of the oldest are past their time."""
    return sum(each.created_at <= now - KEPT_SECONDS for each in oldest)
