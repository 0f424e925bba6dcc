"""Credentials: kept sealed, shown by their fingerprint, and not taken from under a host."""

import pytest

from tests.keypairs import Authority, Login
from tests.outside import HandSealer
from tests.servers import Bench
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import SshProfile
from vmuster.model.journal import EntryKind
from vmuster.model.keys import Credential, CredentialKind
from vmuster.server.secrets.credentials import Credentials
from vmuster.server.secrets.secret_forms import taken

pytestmark = pytest.mark.anyio
SSH, TLS = CredentialKind.SSH, CredentialKind.TLS


@pytest.fixture
async def credentials(parts: Bench) -> Credentials:
    return Credentials(parts.context, HandSealer())


async def stored(parts: Bench, name: str = "key") -> Credential:
    found = await parts.store.get(Credential, name)
    assert found is not None
    return found


async def test_a_secret_is_kept_sealed_and_audited_by_its_fingerprint(
    parts: Bench, credentials: Credentials
) -> None:
    login = Login()
    await credentials.put("key", SSH, login.private, actor="ann")
    kept = await stored(parts)
    assert taken(SSH, HandSealer().open(kept))[1] == taken(SSH, login.private)[1] == kept.public
    assert b"PRIVATE KEY" not in kept.sealed
    assert kept.public.startswith("ssh-ed25519 SHA256:")
    entry = (await parts.journal())[-1]
    assert (entry.kind, entry.actor) == (EntryKind.AUDIT, "ann")
    assert kept.public in entry.what
    assert [each.name for each in await credentials.list_()] == ["key"]


async def test_a_secret_of_the_same_name_and_kind_takes_its_place(
    parts: Bench, credentials: Credentials
) -> None:
    second = Login()
    await credentials.put("key", SSH, Login().private, actor="ann")
    await credentials.put("key", SSH, second.private, actor="ann")
    assert taken(SSH, HandSealer().open(await stored(parts)))[1] == taken(SSH, second.private)[1]
    authority = Authority("one")
    whole = authority.certificate + b"".join(authority.client())
    with pytest.raises(Refused, match="is a credential for ssh"):
        await credentials.put("key", TLS, whole, actor="ann")
    assert (await stored(parts)).kind is SSH


async def test_a_key_to_seal_with_is_made_only_where_nothing_else_is_sealed(parts: Bench) -> None:
    sealer = HandSealer()
    credentials = Credentials(parts.context, sealer)
    for name, first in (("key", True), ("key", True), ("other", False), ("key", False)):
        await credentials.put(name, SSH, Login().private, actor="ann")
        assert sealer.first is first


@pytest.mark.parametrize("name", ["", "../key", "-f", "a b", "a" * 64])
async def test_a_name_that_could_do_harm_is_refused(
    parts: Bench, credentials: Credentials, name: str
) -> None:
    with pytest.raises(Refused, match="credential's name"):
        await credentials.put(name, SSH, Login().private, actor="ann")
    assert await credentials.list_() == []
    assert parts


async def test_what_is_no_secret_is_not_kept(credentials: Credentials) -> None:
    with pytest.raises(Refused):
        await credentials.put("key", SSH, b"canary", actor="ann")
    assert await credentials.list_() == []


async def test_a_credential_is_removed_only_when_no_host_uses_it(
    parts: Bench, credentials: Credentials
) -> None:
    login = Login()
    await credentials.put("key", SSH, login.private, actor="ann")
    host = await parts.host("alpha")
    profile = SshProfile(address="h1", host_key=login.public, credential="key")
    await parts.change(host, profile=profile)
    with pytest.raises(Refused, match="1 hosts are reached by credential key: alpha"):
        await credentials.remove("key", actor="ann")
    changed = SshProfile(address="h1", host_key=login.public, credential="other")
    await parts.change(await parts.now(host), profile=changed)
    await credentials.remove("key", actor="ann")
    assert await credentials.list_() == []
    with pytest.raises(NotFound, match="no credential key"):
        await credentials.remove("key", actor="ann")
