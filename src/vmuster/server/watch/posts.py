"""Webhooks, told of what the journal says: in its order, each entry at least once.

Every webhook has a courier of its own: one whose receiver is slow, or away for a day, delays no
other (L13). A courier holds a handful of entries, and the journal all the rest. What failed is
tried again, ever more seldom, until the entry is a day old; then it goes on to the next. Neither a
quarantine nor a disarmed fleet keeps a courier back: that is when somebody should be told.
"""

import asyncio
import hmac
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, Protocol

import structlog
from msgspec.structs import replace

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable, VmusterError
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC
from vmuster.model.text import safe
from vmuster.model.webhooks import Webhook
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.secrets.credentials import Sealer
from vmuster.server.watch.news import News, Told, tell

_log = structlog.get_logger("vmuster.posts")
ROUNDS_SECONDS: Final = 2.0
"""Between two looks at which webhooks there are."""
PAUSE_SECONDS: Final = 1.0
PAUSE_SECONDS_MAX: Final = 3600.0
GIVEN_UP_SECONDS: Final = 24 * 3600.0
"""An entry of this age that can't be delivered is not tried again."""
_AT_ONCE: Final = 20
_SKIPPED_MAX: Final = 1000
"""Entries of other kinds that may be gone through a second time after a restart."""


class Poster(Protocol):
    """Carries a post to where it may go. Both raise `Refused` where nothing may be posted, and
    `Unavailable` where it is not known, or could not be."""

    def check_form(self, url: str) -> None:
        """Whether it is a url that may be posted to at all; asks nobody for an address."""
        ...

    async def check(self, url: str) -> None:
        """Whether anything may be posted there now."""
        ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post, and be told that it was taken in."""
        ...


class Unposted:
    """Implements `Poster` for a rehearsal: refuses urls as `poster` does, and asks and posts
    nothing."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    def check_form(self, url: str) -> None:
        """As `Poster.check_form`."""
        self._poster.check_form(url)

    async def check(self, url: str) -> None:
        """The form alone: a look-up may take long, and meanwhile other commits wait."""
        self._poster.check_form(url)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Nothing."""


def headers_of(kind: str, delivery: int, secret: bytes, body: bytes, now: float) -> dict[str, str]:
    """The headers of a post; the signature is over the time and the body, see docs/events.md."""
    at = str(int(now))
    signed = hmac.digest(secret, at.encode("ascii") + b"." + body, "sha256").hex()
    return {
        "Content-Type": "application/json",
        "User-Agent": "vmuster",
        "X-Vmuster-Event": kind,
        "X-Vmuster-Delivery": str(delivery),
        "X-Vmuster-Signature": f"t={at},v1={signed}",
    }


async def carry(
    webhook: Webhook,
    kind: str,
    delivery: int,
    body: bytes,
    *,
    sealer: Sealer,
    poster: Poster,
    now: float,
) -> None:
    """Sign a post and carry it to where a webhook goes. Raises as `Sealer.open` and `Poster`."""
    secret = await asyncio.to_thread(sealer.open, webhook)
    await poster.post(webhook.url, body, headers_of(kind, delivery, secret, body, now))


def pause_after(failures: int, chance: float) -> float:
    """Seconds until the next try after so many failures in a row; `chance` in [0, 1) spreads them
    over half of the pause, so that receivers that come back are not met by all at once."""
    whole = min(PAUSE_SECONDS * 2.0 ** min(failures - 1, 20), PAUSE_SECONDS_MAX)
    return whole * (1 - chance / 2)


class Posts:
    """All couriers of one server."""

    def __init__(self, context: Context, news: News, sealer: Sealer, poster: Poster) -> None:
        self._context = context
        self._news = news
        self._sealer = sealer
        self._poster = poster
        self._couriers: dict[tuple[str, float], Courier] = {}
        self._anew: set[str] = set()
        self._bell = asyncio.Event()

    def begin_anew(self, webhook: str) -> None:
        """This webhook was added or removed, or its receiver is back: wait for no pause."""
        self._anew.add(webhook)
        self._bell.set()

    async def run(self) -> None:
        """Have a courier at work for each webhook, for ever."""
        while True:
            try:
                await self._round()
            except Exception as error:  # whatever it was: alerts have to go out
                _log.error("the webhooks can't be read", why=repr(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(ROUNDS_SECONDS):
                    await self._bell.wait()
            self._bell.clear()

    async def close(self) -> None:
        """Have every courier lay down its work, and write down how far it came."""
        for courier in self._couriers.values():
            await courier.close()
        self._couriers.clear()

    async def _round(self) -> None:
        """A courier is for one webhook of a name: another one of that name has another."""
        anew, self._anew = self._anew, set()
        rows = await find_all(self._context.store, Webhook, readable=True)
        there = {(row.name, row.created_at): row for row in rows}
        for key, courier in list(self._couriers.items()):
            if key not in there or key[0] in anew or courier.done:
                await self._couriers.pop(key).close()
        for key in there.keys() - self._couriers.keys():
            self._couriers[key] = Courier(
                self._context, self._news, self._sealer, self._poster, there[key]
            )


class Courier:
    """Delivers to one webhook, until it is closed or the webhook is gone."""

    def __init__(
        self, context: Context, news: News, sealer: Sealer, poster: Poster, webhook: Webhook
    ) -> None:
        self._context = context
        self._news = news
        self._sealer = sealer
        self._poster = poster
        self._webhook: Webhook = webhook
        self._place = webhook.delivered
        self._gave_up = False
        self._task = asyncio.create_task(self._run())

    @property
    def done(self) -> bool:
        """Whether it has ended by itself: the webhook is gone, or the database did not answer."""
        return self._task.done()

    async def close(self) -> None:
        """Go no further, and write down how far it came."""
        self._task.cancel()
        await asyncio.wait([self._task])  # and not for it: who closes may be cancelled meanwhile
        if self._place > self._webhook.delivered:
            with suppress(VmusterError):
                await self._note()

    async def _run(self) -> None:
        try:
            await self._rest()
            while True:
                await self._deliver()
                await self._news.later_than(self._place)
        except Exception as error:  # whatever it was: another courier goes on from here
            _log.error("a webhook waits", webhook=self._webhook.name, why=repr(error))

    async def _deliver(self) -> None:
        """Deliver what is in the journal, in its order, up to its end."""
        store, kinds = self._context.store, frozenset(self._webhook.kinds)
        while True:
            last = max(self._news.last, self._place)
            found = await store.find(
                JournalEntry, limit=_AT_ONCE, after=(self._place,), readable=True, kind=kinds
            )
            for told in await tell(store, found):
                await self._see_through(told)
                self._place = told.entry.id
            if len(found) < _AT_ONCE:
                self._place = max(self._place, last)
            if found or self._place - self._webhook.delivered > _SKIPPED_MAX:
                await self._note()
            if len(found) < _AT_ONCE:
                return

    async def _see_through(self, told: Told) -> None:
        """Try until it is delivered, or not worth another try."""
        clock = self._context.clock
        while not self._hopeless(told.entry):
            trouble = await self._try(told)
            row = self._webhook
            if not trouble:
                self._gave_up = False
                self._webhook = replace(row, failures=0, trouble="", tried_at=clock.now())
                return
            _log.warning("a post failed", webhook=row.name, failures=row.failures + 1)
            self._webhook = replace(
                row, failures=row.failures + 1, trouble=trouble, tried_at=clock.now()
            )
            await self._note()
            await self._rest()
        await self._give_up(told.entry)

    def _hopeless(self, entry: JournalEntry) -> bool:
        """Whether the last try failed, and this entry is too old for another."""
        age = self._context.clock.now() - entry.at
        return self._webhook.failures > 0 and age > GIVEN_UP_SECONDS

    async def _try(self, told: Told) -> str:
        """Why it was not delivered; empty where it was."""
        try:
            await carry(
                self._webhook,
                told.entry.kind,
                told.entry.id,
                told.data,
                sealer=self._sealer,
                poster=self._poster,
                now=self._context.clock.now(),
            )
        except VmusterError as error:
            return safe(error.message)
        return ""

    async def _rest(self) -> None:
        """Wait until the next try is due; not at all where the last one did not fail."""
        row, clock = self._webhook, self._context.clock
        if row.failures:
            whole = pause_after(row.failures, clock.uuid().int % 1000 / 1000)
            passed = max(0.0, clock.now() - (row.tried_at or 0.0))
            await clock.sleep(max(0.0, whole - passed))

    async def _give_up(self, entry: JournalEntry) -> None:
        """Say it in the journal, of the first of those that are given up one after another."""
        if self._gave_up:
            return
        self._gave_up = True
        row = self._webhook
        what = (
            f"webhook {row.name}: entry {entry.id} could not be delivered for a day and is given"
            f" up, and so is every other of that age until it is reached: {row.trouble}"
        )
        now = self._context.clock.now()
        await self._note(JournalEntry(at=now, kind=EntryKind.AUDIT, actor=AUTOMATIC, what=what))

    async def _note(self, *entries: JournalEntry) -> None:
        """Write down how far it came, and how it goes. Raises `Unavailable` where it can't be."""
        mine, store = self._webhook, self._context.store
        before = await store.get(Webhook, mine.name)
        if before is None or before.created_at != mine.created_at:
            raise Unavailable("it was removed")
        after = replace(mine, delivered=self._place, version=before.version)
        (refused,) = await store.commit(
            (Changes(writes=(Write(before=before, after=after),), entries=entries),)
        )
        if refused:
            raise Unavailable(refused)
        self._webhook = replace(after, version=before.version + 1)
