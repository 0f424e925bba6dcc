"""API keys: made for somebody, shown once, kept as digests, revoked at once (T13).

Every key has a name, and that name is the actor of all that is asked with it. One key of scope
admin that does not expire is always left: without one, nobody could ever make another.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import NotFound, Refused, VmusterError
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey, Scope, key_digest
from vmuster.model.operations import AGENT, AUTOMATIC
from vmuster.model.text import bounded, visible
from vmuster.ports.store import Store
from vmuster.server.context import Context
from vmuster.server.paging import find_all

KEYS_MAX: Final = 1000
TOO_MANY_STOPS: Final = "too-many-stops"
"""The rule of a journal entry about a key that asks for more stops than it may."""
_NAME: Final = re.compile(r"[A-Za-z0-9._@-]{1,64}", re.ASCII)
_OURS: Final = frozenset({AUTOMATIC, AGENT})
"""Actors that are nobody's key: the journal must not take a person for one of them."""
_USED_SECONDS: Final = 600.0
"""How exact the last use of a key is in the database, so that questions do not write."""
_ALERT_SECONDS: Final = 3600.0
_TRIES_MAX: Final = 5


class ApiKeys:
    """Takes a person's requests about API keys, and notes their use. `mint` makes a fresh key."""

    def __init__(self, context: Context, mint: Callable[[], str]) -> None:
        self._context = context
        self._mint = mint
        self._used: dict[str, float] = {}
        self._noted: dict[str, float] = {}
        self._alerted: dict[str, float] = {}

    @property
    def store(self) -> Store:
        """Where the keys are."""
        return self._context.store

    async def create(
        self, name: str, scope: Scope, *, by: ApiKey, lasts_seconds: float | None = None
    ) -> tuple[ApiKey, str]:
        """A new key, and its text, which is kept nowhere. `by`: the key of whoever asks; a wider
        scope and a later end than that one's are refused. `lasts_seconds`: from now on; None is
        for ever."""
        if not _NAME.fullmatch(name) or name in _OURS:
            raise Refused(
                "that is no name for a key",
                hint="say 1 to 64 letters, digits, dots, dashes, underscores or @;"
                f" {' and '.join(sorted(_OURS))} are taken",
            )
        if not by.scope.covers(scope):
            raise Refused(
                f"key {by.name} has scope {by.scope}, and can't make one of scope {scope}",
                hint="ask somebody whose key has that scope",
            )
        now = self._context.clock.now()
        expires_at = None if lasts_seconds is None else now + lasts_seconds
        if by.expires_at is not None and (expires_at is None or expires_at > by.expires_at):
            left = max(0, int(by.expires_at - now))
            raise Refused(
                f"key {by.name} ends in {left} s, and can't make one that lasts longer",
                hint="say an end before that, or ask somebody whose key has none",
            )
        if len(await self.list_()) >= KEYS_MAX:
            raise Refused(f"there are {KEYS_MAX} keys", hint="vmuster api-key revoke NAME")
        text = self._mint()
        key = ApiKey(
            name=name,
            digest=key_digest(text),
            created_at=now,
            scope=scope,
            created_by=by.name,
            expires_at=expires_at,
        )
        entry = self._audit(by.name, f"API key {name} was made, with scope {scope}", key)
        refused = await self._commit((Write(before=None, after=key),), entry)
        if refused:
            raise Refused(refused, hint=f"vmuster api-key revoke {name}, or choose another name")
        return key, text

    async def list_(self) -> Sequence[ApiKey]:
        """Every key, with its last use as this server knows it."""
        return [self.shown(key) for key in await find_all(self.store, ApiKey, readable=True)]

    def shown(self, key: ApiKey) -> ApiKey:
        """A key, with its last use as this server knows it."""
        return msgspec.structs.replace(
            key, last_used_at=self._used.get(key.digest, key.last_used_at)
        )

    async def revoke(self, name: str, *, actor: str) -> ApiKey:
        """Take a key away: it opens nothing from now on."""
        refused = ""
        for _ in range(_TRIES_MAX):
            known = await self.store.get(ApiKey, name)
            if known is None:
                raise NotFound(
                    f"there is no API key {visible(bounded(name, 80))}",
                    hint="vmuster api-key list",
                )
            left = await self._left_without(known)
            entry = self._audit(actor, f"API key {name} was revoked", known)
            refused = await self._commit((*left, Write(before=known, after=None)), entry)
            if not refused:
                self._used.pop(known.digest, None)
                self._noted.pop(known.digest, None)
                self._alerted.pop(name, None)
                return known
        raise Refused(refused, hint="somebody changes it all the time; look, and ask again")

    async def _left_without(self, key: ApiKey) -> tuple[Write, ...]:
        """What keeps another key that does not expire from being revoked at the same moment."""
        if not _lasts(key):
            return ()
        others = [each for each in await self.list_() if _lasts(each) and each.name != key.name]
        if not others:
            raise Refused(
                f"{key.name} is the last key of scope {Scope.ADMIN} that does not expire",
                hint=f"make another first: vmuster api-key create NAME --scope {Scope.ADMIN}",
            )
        keeper = await self.store.get(ApiKey, others[0].name)
        return () if keeper is None else (Write(before=keeper, after=keeper),)

    async def used(self, key: ApiKey) -> None:
        """Note that a key is used now. It is written down now and then; that this fails is no
        reason to refuse what was asked."""
        now, present = self._context.clock.now(), self._context.clock.monotonic()
        self._used[key.digest] = now
        noted = self._noted.get(key.digest)
        fresh = key.last_used_at is not None and abs(now - key.last_used_at) < _USED_SECONDS
        if fresh or (noted is not None and present - noted < _USED_SECONDS):
            return
        self._noted[key.digest] = present
        after = msgspec.structs.replace(key, last_used_at=now)
        with suppress(VmusterError):
            await self.store.commit((Changes(writes=(Write(before=key, after=after),)),))

    async def alert_stops(self, actor: str, per_minute: int) -> None:
        """Tell a person, once in a while, that a key asks for more stops than it may."""
        now = self._context.clock.monotonic()
        told = self._alerted.get(actor)
        if told is not None and now - told < _ALERT_SECONDS:
            return
        self._alerted[actor] = now
        entry = JournalEntry(
            at=self._context.clock.now(),
            kind=EntryKind.ALERT,
            actor=actor,
            what=f"API key {actor} asked for more than {per_minute} stops in a minute; what is over"
            f" that is refused. If that is not meant: vmuster api-key revoke {actor}",
            rule=TOO_MANY_STOPS,
        )
        try:
            await self.store.commit((Changes(entries=(entry,)),))
        except VmusterError:
            del self._alerted[actor]
            raise

    def _audit(self, actor: str, what: str, key: ApiKey) -> JournalEntry:
        return JournalEntry(
            at=self._context.clock.now(),
            kind=EntryKind.AUDIT,
            actor=actor,
            what=what,
            evidence={"api_key": key.name, "scope": key.scope.value, "expires_at": key.expires_at},
        )

    async def _commit(self, writes: tuple[Write, ...], entry: JournalEntry) -> str:
        (refused,) = await self.store.commit((Changes(writes=writes, entries=(entry,)),))
        return refused


def _lasts(key: ApiKey) -> bool:
    """Whether it lets in whoever makes keys, for ever."""
    return key.scope is Scope.ADMIN and key.expires_at is None
