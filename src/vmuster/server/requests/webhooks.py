"""Webhooks: who is told of what, by a person's word. Every change is audited.

A url may hold a secret of its own, in its path: the journal and refusals name its host alone. The
secret that signs posts is given or made once, kept sealed, and never shown again.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import NotFound, Refused, VmusterError
from vmuster.model.journal import EntryKind
from vmuster.model.text import bounded, safe, visible
from vmuster.model.webhooks import Webhook
from vmuster.server.answers.saying import moment
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.requests.amending import audited
from vmuster.server.secrets.credentials import Sealer, sealed_besides
from vmuster.server.watch.news import newest
from vmuster.server.watch.posts import Poster, Posts, carry

WEBHOOKS_MAX: Final = 32
SECRET_CHARACTERS: Final = (16, 256)
TEST: Final = "test"
"""The kind of a post that tells of nothing but itself."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
_SECRET: Final = re.compile(r"[!-~]+")
_PLACE: Final = re.compile(r"\w+://[^/?#]*")


class Webhooks:
    """Takes a person's requests about webhooks. `mint` makes something that nobody
    can guess."""

    def __init__(
        self,
        context: Context,
        posts: Posts,
        *,
        sealer: Sealer,
        poster: Poster,
        mint: Callable[[], str],
    ) -> None:
        self._context = context
        self._posts = posts
        self._sealer = sealer
        self._poster = poster
        self._mint = mint

    async def add(
        self, name: str, url: str, kinds: Sequence[EntryKind], *, secret: str, actor: str
    ) -> tuple[Webhook, str]:
        """A webhook that is told of what is written from now on, and the secret that was made for
        it: empty where one was given."""
        store = self._context.store
        if not _NAME.fullmatch(name):
            raise Refused(
                "a webhook's name is at most 63 letters, digits, dots, dashes, underscores"
            )
        if not kinds:
            raise Refused("a webhook is told of at least one kind of entry")
        _check_secret(secret)
        await self._poster.check(url)
        if len(await self.list_()) >= WEBHOOKS_MAX:
            raise Refused(f"there are {WEBHOOKS_MAX} webhooks", hint="vmuster webhook remove NAME")
        made = "" if secret else f"whsec_{hashlib.sha256(self._mint().encode()).hexdigest()}"
        webhook = Webhook(
            name=name,
            url=url,
            sealed=b"",
            kinds=tuple(kind for kind in EntryKind if kind in kinds),
            created_at=self._context.clock.now(),
            delivered=await newest(store),
        )
        sealed = self._sealer.seal(
            webhook, (secret or made).encode("ascii"), first=not await sealed_besides(store)
        )
        what = f"webhook {name} was added: {', '.join(webhook.kinds)} to {shown(url)}"
        kept = Write(before=None, after=replace(webhook, sealed=sealed))
        await audited(self._context, kept, what, actor=actor)
        self._posts.begin_anew(name)
        return await self.called(name), made

    async def list_(self) -> Sequence[Webhook]:
        """Every webhook."""
        return await find_all(self._context.store, Webhook, readable=True)

    async def called(self, name: str) -> Webhook:
        """The webhook of this name. Raises `NotFound`."""
        found = await self._context.store.get(Webhook, name)
        if found is None:
            raise NotFound(
                f"there is no webhook {visible(bounded(name, 80))}", hint="vmuster webhook list"
            )
        return found

    async def remove(self, name: str, *, actor: str) -> Webhook:
        """Tell this one no more."""
        known = await self.called(name)
        gone = Write(before=known, after=None)
        await audited(self._context, gone, f"webhook {name} was removed", actor=actor)
        self._posts.begin_anew(name)
        return known

    async def test(self, name: str, *, actor: str) -> str:
        """Post something that tells of nothing but itself; why it failed, or empty.

        Where it was taken in, what waits for this receiver is tried again at once.
        """
        known, now = await self.called(name), self._context.clock.now()
        said = {"kind": TEST, "at": moment(now), "actor": actor, "webhook": name}
        body = msgspec.json.encode(said)
        try:
            await carry(known, TEST, 0, body, sealer=self._sealer, poster=self._poster, now=now)
        except VmusterError as error:
            return safe(str(error))
        if known.failures:
            reached = Write(before=known, after=replace(known, failures=0, trouble=""))
            await self._context.store.commit((Changes(writes=(reached,)),))
            self._posts.begin_anew(name)
        return ""


def shown(url: str) -> str:
    """What may be shown of a webhook's url: where it goes, and not its path."""
    found = _PLACE.match(url)
    return f"{found[0]}/…" if found else ""


def _check_secret(secret: str) -> None:
    """Raises `Refused`, in words that hold nothing of the secret; none is fine."""
    least, most = SECRET_CHARACTERS
    if secret and not (least <= len(secret) <= most and _SECRET.fullmatch(secret)):
        raise Refused(
            f"a webhook's secret is {least} to {most} visible ASCII characters",
            hint="leave it out, and one is made",
        )
