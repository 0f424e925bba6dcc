"""API keys: made, shown, used and revoked."""

import hashlib

import msgspec
import pytest

from tests.servers import Bench
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import NotFound, Refused, Unavailable
from vmuster.model.journal import EntryKind
from vmuster.model.keys import ApiKey, Scope
from vmuster.server.requests import api_keys as module
from vmuster.server.requests.api_keys import ApiKeys

pytestmark = pytest.mark.anyio
READ, OPERATE, ADMIN = Scope


class Mint:
    """Makes keys that can be told apart."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> str:
        self.made += 1
        return f"key-{self.made}"


@pytest.fixture
def keys(parts: Bench) -> ApiKeys:
    return ApiKeys(parts.context, Mint())


def by(scope: Scope, name: str = "ann") -> ApiKey:
    return ApiKey(name=name, digest="", created_at=1.0, scope=scope)


async def stored(parts: Bench, name: str) -> ApiKey | None:
    return await parts.store.get(ApiKey, name)


async def test_a_key_is_kept_as_a_digest_and_audited(parts: Bench, keys: ApiKeys) -> None:
    now = parts.clock.now()
    made, text = await keys.create("ci", OPERATE, by=by(ADMIN), lasts_seconds=60)
    assert text == "key-1"
    kept = await stored(parts, "ci")
    assert kept == msgspec.structs.replace(made, version=1)
    assert made.digest == hashlib.sha256(b"key-1").hexdigest()
    assert (made.scope, made.created_by, made.created_at) == (OPERATE, "ann", now)
    assert made.expires_at == now + 60
    entry = (await parts.journal())[-1]
    assert (entry.kind, entry.actor) == (EntryKind.AUDIT, "ann")
    assert entry.what == "API key ci was made, with scope operate"
    assert entry.evidence == {"api_key": "ci", "scope": "operate", "expires_at": now + 60}
    assert made.digest not in msgspec.json.encode(entry).decode()


async def test_without_an_end_a_key_is_for_ever(keys: ApiKeys) -> None:
    made, _ = await keys.create("ci", READ, by=by(ADMIN))
    assert made.expires_at is None


@pytest.mark.parametrize("name", ["a", "A.b_c-d@e", "x" * 64])
async def test_names(keys: ApiKeys, name: str) -> None:
    assert (await keys.create(name, READ, by=by(ADMIN)))[0].name == name


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "a b", "a/b", "a\n", "ä", "a:b", "vmuster", "agent"], ids=repr
)
async def test_a_name_that_could_be_taken_for_another_is_refused(
    parts: Bench, keys: ApiKeys, name: str
) -> None:
    with pytest.raises(Refused, match="no name for a key"):
        await keys.create(name, READ, by=by(ADMIN))
    assert await stored(parts, name) is None


async def test_a_name_is_one_key(parts: Bench, keys: ApiKeys) -> None:
    first, _ = await keys.create("ci", READ, by=by(ADMIN))
    with pytest.raises(Refused, match="there already"):
        await keys.create("ci", READ, by=by(ADMIN))
    assert await stored(parts, "ci") == msgspec.structs.replace(first, version=1)


async def test_nobody_makes_a_key_that_outlasts_theirs(parts: Bench, keys: ApiKeys) -> None:
    ending = msgspec.structs.replace(by(ADMIN), expires_at=parts.clock.now() + 100)
    for lasts in (None, 101):
        with pytest.raises(Refused, match="key ann ends in 100 s"):
            await keys.create("ci", READ, by=ending, lasts_seconds=lasts)
    assert await stored(parts, "ci") is None
    made, _ = await keys.create("ci", READ, by=ending, lasts_seconds=100)
    assert made.expires_at == ending.expires_at


@pytest.mark.parametrize("own", list(Scope))
@pytest.mark.parametrize("wished", list(Scope))
async def test_nobody_makes_a_key_that_may_do_more_than_they(
    keys: ApiKeys, own: Scope, wished: Scope
) -> None:
    if own.covers(wished):
        await keys.create("ci", wished, by=by(own))
    else:
        with pytest.raises(Refused, match=f"can't make one of scope {wished}"):
            await keys.create("ci", wished, by=by(own))


async def test_there_is_an_end_to_keys(keys: ApiKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEYS_MAX", 2)
    for name in ("a", "b"):
        await keys.create(name, READ, by=by(ADMIN))
    with pytest.raises(Refused, match="there are 2 keys"):
        await keys.create("c", READ, by=by(ADMIN))
    await keys.revoke("a", actor="ann")
    await keys.create("c", READ, by=by(ADMIN))


async def test_a_key_is_revoked_by_its_name_and_audited(parts: Bench, keys: ApiKeys) -> None:
    await keys.create("ci", READ, by=by(ADMIN))
    assert (await keys.revoke("ci", actor="bob")).name == "ci"
    assert await stored(parts, "ci") is None
    entry = (await parts.journal())[-1]
    assert (entry.kind, entry.actor, entry.what) == (
        EntryKind.AUDIT,
        "bob",
        "API key ci was revoked",
    )
    with pytest.raises(NotFound, match="no API key ci"):
        await keys.revoke("ci", actor="bob")


async def test_the_last_key_that_can_make_others_stays(parts: Bench, keys: ApiKeys) -> None:
    await keys.create("root", ADMIN, by=by(ADMIN))
    await keys.create("guest", ADMIN, by=by(ADMIN), lasts_seconds=60)
    await keys.create("night", OPERATE, by=by(ADMIN))
    with pytest.raises(Refused, match="root is the last key of scope admin"):
        await keys.revoke("root", actor="ann")
    assert await stored(parts, "root") is not None
    await keys.create("second", ADMIN, by=by(ADMIN))
    await keys.revoke("root", actor="ann")
    await keys.revoke("guest", actor="ann")
    with pytest.raises(Refused, match="second is the last key"):
        await keys.revoke("second", actor="ann")


async def test_of_two_who_revoke_each_others_key_at_once_one_is_refused(
    parts: Bench, keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        await keys.create(name, ADMIN, by=by(ADMIN))
    commit, other = parts.store.commit, ApiKeys(parts.context, Mint())

    async def late(changes: list[Changes]) -> list[str]:
        monkeypatch.setattr(parts.store, "commit", commit)
        await other.revoke("b", actor="a")
        return await commit(changes)

    monkeypatch.setattr(parts.store, "commit", late)
    with pytest.raises(Refused, match="a is the last key"):
        await keys.revoke("a", actor="b")
    assert [key.name for key in await keys.list_()] == ["a"]


async def test_a_key_that_is_used_meanwhile_is_revoked_all_the_same(
    parts: Bench, keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keys.create("ci", READ, by=by(ADMIN))
    commit, refused = parts.store.commit, list[list[str]]()

    async def late(changes: list[Changes]) -> list[str]:
        monkeypatch.setattr(parts.store, "commit", commit)
        used = await stored(parts, "ci")
        assert used is not None
        await keys.used(used)
        refused.append(await commit(changes))
        return refused[0]

    monkeypatch.setattr(parts.store, "commit", late)
    await keys.revoke("ci", actor="ann")
    assert refused[0] != [""], "it was used in between"
    assert await stored(parts, "ci") is None


async def test_a_key_that_changes_all_the_time_is_given_up(
    parts: Bench, keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keys.create("ci", READ, by=by(ADMIN))

    async def never(_changes: list[Changes]) -> list[str]:
        return ["somebody was faster"]

    monkeypatch.setattr(parts.store, "commit", never)
    with pytest.raises(Refused, match="somebody was faster"):
        await keys.revoke("ci", actor="ann")


async def test_a_use_is_written_down_at_most_every_ten_minutes(parts: Bench, keys: ApiKeys) -> None:
    await keys.create("ci", READ, by=by(ADMIN))
    began, written = parts.clock.now(), list[float | None]()
    for _ in range(25):
        key = await stored(parts, "ci")
        assert key is not None
        await keys.used(key)
        key = await stored(parts, "ci")
        assert key is not None
        written.append(key.last_used_at)
        parts.clock.pass_by(60)
    assert list(dict.fromkeys(written)) == [began, began + 600, began + 1200]
    (shown,) = await keys.list_()
    assert shown.last_used_at == began + 24 * 60
    assert (await parts.journal())[-1].what == "API key ci was made, with scope read"


async def test_a_database_that_takes_nothing_keeps_nobody_out(
    parts: Bench, keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = await keys.create("ci", READ, by=by(ADMIN))
    tried = 0

    async def full(_changes: list[Changes]) -> list[str]:
        nonlocal tried
        tried += 1
        raise Unavailable("the disk is full")

    monkeypatch.setattr(parts.store, "commit", full)
    for _ in range(3):
        await keys.used(made)
    assert tried == 1
    assert keys.shown(made).last_used_at == parts.clock.now()


async def test_an_alert_that_was_not_written_is_told_the_next_time(
    parts: Bench, keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_changes: list[Changes]) -> list[str]:
        raise Unavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(parts.store, "commit", full)
        with pytest.raises(Unavailable):
            await keys.alert_stops("ci", 20)
    for _ in range(3):
        await keys.alert_stops("ci", 20)
    told = [entry for entry in await parts.journal() if entry.kind is EntryKind.ALERT]
    assert [entry.actor for entry in told] == ["ci"]


async def test_every_key_is_listed_though_one_was_written_by_others(
    parts: Bench, keys: ApiKeys
) -> None:
    other = ApiKey(name="other", digest="d", created_at=1.0, last_used_at=5.0)
    await parts.store.commit([Changes(writes=(Write(before=None, after=other),))])
    assert [(key.name, key.last_used_at) for key in await keys.list_()] == [("other", 5.0)]
