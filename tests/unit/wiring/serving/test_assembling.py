"""A service of a state folder: the same fleet each time, or none at all."""

import asyncio
from pathlib import Path

import pytest

from vmuster.client.profile import DEFAULT_URL
from vmuster.model.errors import Corrupt
from vmuster.server.service import Service
from vmuster.wiring.serving.assembling import assemble
from vmuster.wiring.settings.table import Settings


async def assembled(state: Path, *, restored: bool = False) -> Service:
    """The service of a folder, which is closed already."""
    service = await assemble(Settings(state_dir=state, restored=restored), DEFAULT_URL)
    await service.close()
    return service


def test_what_was_put_together_once_is_the_same_fleet_the_next_time(tmp_path: Path) -> None:
    def put_together() -> tuple[object, ...]:
        context = asyncio.run(assembled(tmp_path)).context
        return context.fleet.id, context.fleet.public_keys, context.signer.key

    assert put_together() == put_together()


def test_a_database_that_was_restored_is_served_in_quarantine(tmp_path: Path) -> None:
    def quarantined(*, restored: bool) -> bool:
        service = asyncio.run(assembled(tmp_path, restored=restored))
        return service.context.fleet.quarantine is not None

    asked = (False, True, False)
    assert [quarantined(restored=restored) for restored in asked] == [False, True, True]


def test_a_database_whose_key_is_gone_is_not_served(tmp_path: Path) -> None:
    asyncio.run(assembled(tmp_path))
    (tmp_path / "keys" / "signing.key").unlink()
    with pytest.raises(Corrupt, match="is gone"):
        asyncio.run(assembled(tmp_path))


@pytest.mark.parametrize("content", [None, b""])
def test_a_key_whose_database_is_gone_founds_no_other_fleet(
    tmp_path: Path, content: bytes | None
) -> None:
    def put_together() -> str:
        return str(asyncio.run(assembled(tmp_path)).context.fleet.id)

    founded, client = put_together(), (tmp_path / "client.toml").read_bytes()
    database = tmp_path / "vmuster.db"
    kept = database.read_bytes()
    database.unlink()
    if content is not None:
        database.write_bytes(content)
    with pytest.raises(Corrupt, match="a database without one"):
        put_together()
    assert (tmp_path / "client.toml").read_bytes() == client
    assert sorted(path.name for path in tmp_path.glob("vmuster.db*")) == ["vmuster.db"]
    database.write_bytes(kept)
    assert put_together() == founded
