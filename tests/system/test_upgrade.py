"""A state folder of the first release, as its user has it, is served by this one."""

import asyncio
import base64
import hashlib
import json
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Final, cast

import msgspec
import pytest

from tests.conformance.stores.first_schema import NAME, ROWS, first_database
from tests.parts import FLEET, KEY, VM
from tests.torture.server_process import ServerProcess
from vmuster.client.profile import DEFAULT_URL, load_profile
from vmuster.client.rest import Client
from vmuster.model.host import Fleet, Host, LoopbackProfile
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Scope
from vmuster.model.mark import write_mark
from vmuster.model.states import MarkVerdict
from vmuster.reconcile.ownership import judge_mark
from vmuster.server.answers.audit import verify
from vmuster.server.secrets.signing import Signer
from vmuster.stores.kinds import KINDS, key_of
from vmuster.wiring.serving.assembling import assemble
from vmuster.wiring.settings.table import Settings

_PRIVATE: Final = bytes(range(32))
_KEY_TEXT: Final = "vmuster_" + "A" * 43
"""A key as the first release made them: no checksum yet."""
_NOBODY: Final = LoopbackProfile(port=1)
"""No hypervisor answers there: no row is changed by what one says."""


@pytest.fixture
def signer() -> Signer:
    return Signer(KEY, _PRIVATE)


@pytest.fixture
def state(tmp_path: Path, signer: Signer) -> Path:
    """The folder, as the first release has written it."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    path = first_database(state / "vmuster.db")
    path.chmod(0o600)
    public = json.dumps({str(KEY): base64.b64encode(signer.public).decode()})
    digest = hashlib.sha256(_KEY_TEXT.encode()).hexdigest()
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE fleet SET public_keys = ?", (public,))
        database.execute("INSERT INTO api_key VALUES ('admin', ?, 9.5, 1)", (digest,))
        database.execute("UPDATE host SET profile = ?", (msgspec.json.encode(_NOBODY).decode(),))
        database.commit()
    (state / "keys").mkdir(mode=0o700)
    private = base64.b64encode(_PRIVATE).decode()
    _write(state / "keys" / "signing.key", json.dumps({"key": str(KEY), "private": private}), 0o400)
    _write(state / "client.toml", f'url = "{DEFAULT_URL}"\nkey = "{_KEY_TEXT}"\n', 0o600)
    return state


def _write(path: Path, content: str, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, mode), "w") as file:
        file.write(content)


def _meant(row: msgspec.Struct, signer: Signer) -> msgspec.Struct:
    """A row of the first release, as the fixture has changed it."""
    if isinstance(row, Fleet):
        return msgspec.structs.replace(row, public_keys={str(KEY): signer.public})
    return msgspec.structs.replace(row, profile=_NOBODY) if isinstance(row, Host) else row


def test_every_row_is_there_and_its_marks_are_good(state: Path, signer: Signer) -> None:
    async def look() -> tuple[dict[object, msgspec.Struct], Fleet, bool]:
        service = await assemble(Settings(state_dir=state), DEFAULT_URL)
        store = service.store
        rows = [row for kind in KINDS for row in await store.find(cast("type[Host]", kind))]
        sound = (await verify(store, None)).sound
        fleet = service.context.fleet
        await service.close()
        return {(type(row), key_of(row)): row for row in rows}, fleet, sound

    found, fleet, sound = asyncio.run(look())
    assert sound
    assert fleet.quarantine is None
    for row in ROWS:
        now = found.pop((type(row), key_of(row)))
        if isinstance(row, JournalEntry):
            assert isinstance(now, JournalEntry)
            assert now.what == row.what
        else:
            assert now == _meant(row, signer)
    (admin,) = found.values()
    assert isinstance(admin, ApiKey)
    assert (admin.name, admin.scope) == ("admin", Scope.ADMIN)
    mark = write_mark(signer.mark(FLEET, VM, 4))
    assert judge_mark(mark, VM, fleet.id, fleet.public_keys).verdict is MarkVerdict.OURS


@pytest.fixture
def client(state: Path) -> Generator[Client]:
    server = ServerProcess(state)
    server.spawn()
    try:
        server.until_it_answers()
        profile = load_profile(url="", key="", environ={}, files=[state / "client.toml"])
        assert profile.key == _KEY_TEXT
        with Client(profile) as client:
            yield client
    finally:
        server.stop()


def test_its_user_goes_on_with_the_same_key(client: Client) -> None:
    assert client.status()["id"] == str(FLEET)
    assert {host["name"] for host in client.hosts()} == {"kvm1", "kvm2"}
    assert client.vm(str(VM))["name"] == NAME
    *_, verdict = client.verification()
    assert verdict["sound"]
    kept = client.set_policy("default", {"drift": "record"})
    assert kept["policy"]["drift"] == "record", "an admin's key may do what it could"
