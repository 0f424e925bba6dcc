"""Approaches: files for the time of a connection, with the credential as it is then."""

import asyncio
import re
from pathlib import Path

import msgspec
import pytest

from tests.keypairs import Authority, Login
from tests.outside import HandSealer
from tests.parts import host
from vmuster.drivers.libvirt.address import SshWay, TlsWay
from vmuster.drivers.ssh.witness import NoWitness, SshWitness
from vmuster.model.changes import Changes, Write
from vmuster.model.host import SshProfile, TlsProfile
from vmuster.model.keys import Credential, CredentialKind
from vmuster.ports.driver import DriverError
from vmuster.stores.memory import MemoryStore
from vmuster.wiring.outside.approaches import Approach, Approaches

pytestmark = pytest.mark.anyio
LOGIN = Login()
SSH = SshProfile(address="h1", host_key=LOGIN.public, credential="key")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Rig:
    def __init__(self, folder: Path) -> None:
        self.store = MemoryStore()
        self.folder = folder
        self.approaches = Approaches(folder, self.store, HandSealer(), agent_socket="/run/agent")

    def to(self, profile: SshProfile | TlsProfile) -> Approach:
        return self.approaches.to(host(), profile)

    async def keep(self, secret: bytes, kind: CredentialKind = CredentialKind.SSH) -> None:
        before = await self.store.get(Credential, "key")
        fresh = Credential(name="key", kind=kind, sealed=b"", public="", created_at=0.0)
        sealed = HandSealer().seal(fresh, secret, first=before is None)
        after = msgspec.structs.replace(fresh, sealed=sealed)
        assert await self.store.commit((Changes(writes=(Write(before=before, after=after),)),)) == [
            ""
        ]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "approaches")


async def test_a_credential_is_unsealed_for_the_time_of_a_connection(rig: Rig) -> None:
    await rig.keep(LOGIN.private)
    approach, folder = rig.to(SSH), rig.folder / host().id
    assert isinstance(approach.way, SshWay)
    assert isinstance(approach.witness, SshWitness)
    assert (approach.way.command, approach.way.naming) == (folder / "ssh", folder / "ssh-named")
    assert not folder.exists()
    await approach.ready()
    assert (folder / "identity").read_bytes() == LOGIN.private
    await approach.leave()
    assert not folder.exists()


async def test_what_still_runs_on_the_files_ends_with_the_conversation(rig: Rig) -> None:
    await rig.keep(LOGIN.private)
    approach, folder = rig.to(SSH), rig.folder / host().id
    await approach.ready()
    stuck = await asyncio.create_subprocess_exec("/bin/sleep", "60", cwd=folder)
    await approach.leave()
    async with asyncio.timeout(20):
        assert await stuck.wait() < 0


async def test_each_approach_gives_its_line_a_name_of_its_own(rig: Rig) -> None:
    await rig.keep(LOGIN.private)
    scripts: list[str] = []
    for _ in range(2):
        approach = rig.to(SSH)
        await approach.ready()
        scripts.append((rig.folder / host().id / "ssh-named").read_text())
    names = [script.split()[-1] for script in scripts]
    assert all(re.fullmatch("vmuster-[0-9a-f]{32}", name) for name in names)
    assert names[0] != names[1]


async def test_files_that_are_right_stay_and_a_new_credential_is_used(rig: Rig) -> None:
    await rig.keep(LOGIN.private)
    approach, folder = rig.to(SSH), rig.folder / host().id
    await approach.ready()
    before = (folder / "identity").stat().st_ino, (folder / "ssh").stat().st_mtime_ns
    await approach.ready()
    assert ((folder / "identity").stat().st_ino, (folder / "ssh").stat().st_mtime_ns) == before
    second = Login()
    await rig.keep(second.private)
    await approach.ready()
    assert (folder / "identity").read_bytes() == second.private


async def test_without_a_credential_the_operators_agent_is_used(rig: Rig) -> None:
    await rig.to(msgspec.structs.replace(SSH, credential="")).ready()
    assert (rig.folder / host().id / "agent").readlink() == Path("/run/agent")


@pytest.mark.parametrize("profile", [SSH, TlsProfile(address="h1", credential="key")])
async def test_a_credential_that_is_not_there_is_said(
    rig: Rig, profile: SshProfile | TlsProfile
) -> None:
    with pytest.raises(DriverError, match=r"there is no \w+ credential key") as raised:
        await rig.to(profile).ready()
    assert raised.value.broken


async def test_a_credential_of_the_other_kind_is_none(rig: Rig) -> None:
    await rig.keep(LOGIN.private)
    with pytest.raises(DriverError, match="there is no tls credential key"):
        await rig.to(TlsProfile(address="h1", credential="key")).ready()


async def test_a_tls_set_is_unsealed_under_libvirts_names(rig: Rig) -> None:
    authority = Authority("one")
    certificate, key = authority.client()
    await rig.keep(authority.certificate + certificate + key, CredentialKind.TLS)
    approach, folder = rig.to(TlsProfile(address="h1", credential="key")), rig.folder / host().id
    assert isinstance(approach.way, TlsWay)
    assert approach.way.certificates == folder
    assert isinstance(approach.witness, NoWitness)
    await approach.ready()
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert files == {
        "cacert.pem": authority.certificate,
        "clientcert.pem": certificate,
        "clientkey.pem": key,
    }
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    await approach.leave()
    assert not folder.exists()


async def test_a_tls_host_without_a_credential_leaves_the_choice_to_libvirt(rig: Rig) -> None:
    approach = rig.to(TlsProfile(address="h1"))
    await approach.ready()
    assert isinstance(approach.way, TlsWay)
    assert approach.way.certificates is None
    assert not (rig.folder / host().id).exists()


async def test_what_a_killed_server_left_is_removed_at_the_next_start(rig: Rig) -> None:
    await rig.keep(LOGIN.private)
    await rig.to(SSH).ready()
    assert (rig.folder / host().id / "identity").exists()
    _ = Rig(rig.folder)
    assert not rig.folder.exists()
