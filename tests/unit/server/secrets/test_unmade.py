"""What a rehearsal signs, makes and seals is good for nothing; what it refuses is refused."""

from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from tests.doors import Door
from tests.outside import new_signer
from tests.parts import FLEET, VM, grant
from tests.pasts import hosted_stranger
from tests.servers import Bench, vm
from vmuster.model.commands import MarkVm, OutboxCommand
from vmuster.model.errors import Refused
from vmuster.model.ids import KeyId
from vmuster.model.keys import Credential, CredentialKind
from vmuster.server.secrets.unmade import UnmadeKeys, Unsealed, Unsigned
from vmuster.wiring.secrets.sealing import FileSealer

CREDENTIAL = Credential(
    name="key", kind=CredentialKind.SSH, sealed=b"", public="SHA256:x", created_at=1.5
)


def test_a_mark_and_a_grant_bear_no_signature() -> None:
    signer = new_signer()
    unsigned = Unsigned(signer.key, signer.public)
    assert unsigned.public == signer.public
    mark, real = unsigned.mark(FLEET, VM, 7), signer.mark(FLEET, VM, 7)
    assert mark == msgspec.structs.replace(real, signature=b"")
    given = unsigned.grant(grant())
    assert given == msgspec.structs.replace(signer.grant(grant()), signature=b"")


@pytest.mark.anyio
async def test_no_order_of_a_rehearsed_adoption_bears_a_mark_that_counts(parts: Bench) -> None:
    from tests.served import UNLIMITED

    await hosted_stranger(parts)
    door = Door(parts, UNLIMITED)
    async with door.service.rehearsal() as (service, rehearsal):
        await service.requests.adopt(vm(1), actor="ann")
        (row,) = await service.store.find(OutboxCommand)
        assert isinstance(row.command, MarkVm)
        assert row.command.mark.signature == b""
        assert rehearsal.commands == [row.command]
    assert await parts.store.find(OutboxCommand) == []


def test_a_key_that_was_not_made_has_an_id_and_no_halves() -> None:
    keys = UnmadeKeys(lambda: KeyId(UUID(int=5)))
    made = keys.make()
    assert (made.key, made.public) == (KeyId(UUID(int=5)), bytes(32))
    keys.settle(made.key)


def test_nothing_is_sealed_and_no_key_is_made(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "sealing.key"
    sealer = Unsealed(FileSealer(path))
    assert sealer.seal(CREDENTIAL, b"secret", first=True) == b""
    assert not path.parent.exists()


def test_what_could_not_be_sealed_is_refused(tmp_path: Path) -> None:
    real = FileSealer(tmp_path / "sealing.key")
    for sealer in (real, Unsealed(real)):
        with pytest.raises(Refused, match="is gone"):
            sealer.seal(CREDENTIAL, b"secret", first=False)


def test_what_was_sealed_is_opened(tmp_path: Path) -> None:
    real = FileSealer(tmp_path / "sealing.key")
    kept = msgspec.structs.replace(CREDENTIAL, sealed=real.seal(CREDENTIAL, b"secret", first=True))
    assert Unsealed(real).open(kept) == b"secret"
