"""Webhooks by a person's word: refused where they can do harm, audited, and without a secret."""

import pytest
from msgspec.structs import replace

from tests.keypairs import Login
from tests.outside import HandPoster, HandSealer
from tests.servers import Bench
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import NotFound, Refused
from vmuster.model.journal import EntryKind
from vmuster.model.keys import CredentialKind
from vmuster.model.webhooks import Webhook
from vmuster.server.requests import webhooks as asking
from vmuster.server.requests.webhooks import Webhooks, shown
from vmuster.server.secrets.credentials import Credentials
from vmuster.server.watch.news import News, newest
from vmuster.server.watch.posts import Posts

pytestmark = pytest.mark.anyio
URL = "https://hooks.example/CANARY?x"
ALERT = (EntryKind.ALERT,)
GIVEN = "given-given-given"


class Told(Posts):
    """Notes who is to begin anew."""

    def __init__(self, parts: Bench, sealer: HandSealer, poster: HandPoster) -> None:
        super().__init__(parts.context, News(parts.store, parts.clock), sealer, poster)
        self.anew: list[str] = []

    def begin_anew(self, webhook: str) -> None:
        self.anew.append(webhook)


class Desk:
    def __init__(self, parts: Bench) -> None:
        self.sealer, self.poster = HandSealer(), HandPoster()
        self.posts = Told(parts, self.sealer, self.poster)
        self.webhooks = Webhooks(
            parts.context,
            self.posts,
            sealer=self.sealer,
            poster=self.poster,
            mint=lambda: "something random",
        )

    async def add(self, name: str = "pager", *, url: str = URL, secret: str = GIVEN) -> Webhook:
        webhook, _ = await self.webhooks.add(name, url, ALERT, secret=secret, actor="ann")
        return webhook


@pytest.fixture
async def desk(parts: Bench) -> Desk:
    return Desk(parts)


async def test_it_is_kept_sealed_and_begins_with_what_comes_next(parts: Bench, desk: Desk) -> None:
    before = await newest(parts.store)
    webhook, made = await desk.webhooks.add(
        "pager", URL, (EntryKind.HELD, EntryKind.ALERT, EntryKind.HELD), secret=GIVEN, actor="ann"
    )
    assert (made, webhook.delivered, webhook.version) == ("", before, 1)
    assert webhook.kinds == (EntryKind.ALERT, EntryKind.HELD)
    assert GIVEN.encode() not in webhook.sealed
    assert desk.sealer.open(webhook) == GIVEN.encode()
    entry = (await parts.journal())[-1]
    assert (entry.kind, entry.actor) == (EntryKind.AUDIT, "ann")
    assert entry.what == "webhook pager was added: alert, held to https://hooks.example/…"
    assert "CANARY" not in repr(webhook)
    assert desk.posts.anew == ["pager"]


async def test_a_secret_is_made_where_none_is_given_and_told_once(desk: Desk) -> None:
    webhook, made = await desk.webhooks.add("pager", URL, ALERT, secret="", actor="ann")
    assert made.startswith("whsec_")
    assert len(made) == 6 + 64
    assert "something random" not in made
    assert desk.sealer.open(webhook) == made.encode()


@pytest.mark.parametrize(
    ("name", "url", "secret", "why"),
    [
        ("", URL, GIVEN, "name"),
        ("../x", URL, GIVEN, "name"),
        ("a b", URL, GIVEN, "name"),
        ("x" * 64, URL, GIVEN, "name"),
        ("pager", "https://forbidden/CANARY", GIVEN, "nothing may be posted"),
        ("pager", URL, "CANARY", "secret"),
        ("pager", URL, "CANARY" * 60, "secret"),
        ("pager", URL, "CANARY CANARY CANARY", "secret"),
        ("pager", URL, "CANARY\nCANARY\nCANARY", "secret"),
    ],
)
async def test_what_could_do_harm_is_refused(
    desk: Desk, name: str, url: str, secret: str, why: str
) -> None:
    with pytest.raises(Refused, match=why) as refused:
        await desk.add(name, url=url, secret=secret)
    assert "CANARY" not in str(refused.value)
    assert await desk.webhooks.list_() == []


async def test_kinds_must_be_said_and_a_name_is_one_webhooks(desk: Desk) -> None:
    with pytest.raises(Refused, match="at least one kind"):
        await desk.webhooks.add("pager", URL, (), secret=GIVEN, actor="ann")
    await desk.add()
    with pytest.raises(Refused, match="pager"):
        await desk.add()


async def test_there_are_so_many_and_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WEBHOOKS_MAX", 2)
    await desk.add("one")
    await desk.add("two")
    with pytest.raises(Refused, match="there are 2 webhooks"):
        await desk.add("three")


async def test_a_key_to_seal_with_is_made_only_where_nothing_else_is_sealed(
    parts: Bench, desk: Desk
) -> None:
    credentials = Credentials(parts.context, desk.sealer)
    await desk.add("one")
    assert desk.sealer.first is True
    await desk.add("two")
    assert desk.sealer.first is False
    await credentials.put("key", CredentialKind.SSH, Login().private, actor="ann")
    assert desk.sealer.first is False, "the webhooks' secrets need the key that is there"


async def test_it_is_removed_once(parts: Bench, desk: Desk) -> None:
    await desk.add()
    assert (await desk.webhooks.remove("pager", actor="bert")).name == "pager"
    entry = (await parts.journal())[-1]
    assert (entry.what, entry.actor) == ("webhook pager was removed", "bert")
    assert desk.posts.anew == ["pager", "pager"]
    for act in (desk.webhooks.remove, desk.webhooks.test):
        with pytest.raises(NotFound, match="no webhook pager"):
            await act("pager", actor="ann")


async def test_a_test_is_signed_and_tells_of_itself(desk: Desk) -> None:
    await desk.add()
    assert await desk.webhooks.test("pager", actor="ann") == ""
    (post,) = desk.poster.posts
    assert (post.url, post.id, post.headers["X-Vmuster-Event"]) == (URL, 0, "test")
    assert b'"webhook":"pager"' in post.body
    assert desk.posts.anew == ["pager"], "there was nothing to try again"


async def test_a_receiver_that_is_back_is_tried_again_at_once(parts: Bench, desk: Desk) -> None:
    webhook = await desk.add()
    failed = replace(webhook, failures=9, trouble="nobody is there", tried_at=1.0)
    written = Changes(writes=(Write(before=webhook, after=failed),))
    assert await parts.store.commit((written,)) == [""]
    desk.poster.away.add(URL)
    assert await desk.webhooks.test("pager", actor="ann") == "nobody is there"
    assert (await desk.webhooks.called("pager")).failures == 9
    desk.poster.away.clear()
    assert await desk.webhooks.test("pager", actor="ann") == ""
    now = await desk.webhooks.called("pager")
    assert (now.failures, now.trouble) == (0, "")
    assert desk.posts.anew == ["pager", "pager"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://hooks.example/a/b?c#d", "https://hooks.example/…"),
        ("https://hooks.example:8443?secret", "https://hooks.example:8443/…"),
        ("no url", ""),
    ],
)
def test_of_a_url_the_place_is_shown_alone(url: str, said: str) -> None:
    assert shown(url) == said
