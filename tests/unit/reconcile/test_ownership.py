"""The judge of marks, with real keys: ours, another fleet's, copied, forged, and near misses.

The checks of `prove` and `clear` are taken out one by one in `tests/laws/test_proofs.py`.
"""

from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.parts import FLEET, KEY, VM
from tests.worlds import World, ghost, lookalike, owned
from vmuster.model.commands import OwnershipProof, StartVm, StopVm
from vmuster.model.ids import FleetId, KeyId, VmUuid
from vmuster.model.mark import (
    NO_MARK,
    MarkJudgement,
    OwnershipMark,
    RawMark,
    signed_bytes,
    write_mark,
)
from vmuster.model.states import MarkVerdict, ProofKind, Standing
from vmuster.reconcile.ownership import judge_mark, prove

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
THIEF = Ed25519PrivateKey.from_private_bytes(bytes(32))
OLD_KEY = KeyId(UUID(int=0x01D))
OLD_SECRET = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))
KEYS = {
    str(KEY): SECRET.public_key().public_bytes_raw(),
    str(OLD_KEY): OLD_SECRET.public_key().public_bytes_raw(),
}
OTHER_VM = VmUuid(UUID(int=0xABCDEF))
OTHER_FLEET = FleetId(UUID(int=0xBADF1EE7))


def signed(
    vm: VmUuid = VM,
    generation: int = 3,
    fleet: FleetId = FLEET,
    key: KeyId = KEY,
    secret: Ed25519PrivateKey = SECRET,
) -> RawMark:
    signature = secret.sign(signed_bytes(fleet, vm, generation, key))
    return write_mark(
        OwnershipMark(fleet=fleet, vm=vm, generation=generation, key=key, signature=signature)
    )


def verdict(raw: RawMark | None, vm: VmUuid = VM) -> MarkVerdict:
    return judge_mark(raw, vm, FLEET, KEYS).verdict


def test_a_mark_of_ours_is_ours_with_its_generation() -> None:
    judgement = judge_mark(signed(), VM, FLEET, KEYS)
    assert judgement == MarkJudgement(verdict=MarkVerdict.OURS, generation=3)


def test_no_mark_is_no_mark() -> None:
    assert judge_mark(None, VM, FLEET, KEYS) == NO_MARK


def test_an_old_key_of_ours_stays_known() -> None:
    assert verdict(signed(key=OLD_KEY, secret=OLD_SECRET)) is MarkVerdict.OURS


def test_a_clone_carries_the_mark_of_another() -> None:
    assert verdict(signed(OTHER_VM)) is MarkVerdict.COPIED
    assert verdict(signed(), OTHER_VM) is MarkVerdict.COPIED


def test_another_fleets_mark_is_foreign_whatever_its_signature_and_says_whose() -> None:
    for secret in (SECRET, THIEF):
        judgement = judge_mark(signed(fleet=OTHER_FLEET, secret=secret), VM, FLEET, KEYS)
        assert judgement.verdict is MarkVerdict.FOREIGN
        assert judgement.fleet == str(OTHER_FLEET)


UNKNOWN_KEY = KeyId(UUID(int=0x999))
FORGERIES = {
    "signed by a thief": signed(secret=THIEF),
    "signed with another key of ours": signed(secret=OLD_SECRET),
    "an unknown key": signed(key=UNKNOWN_KEY, secret=THIEF),
    "a key id swapped": msgspec.structs.replace(signed(), key=str(OLD_KEY)),
    "a generation raised": msgspec.structs.replace(signed(), generation="4"),
    "a generation in another writing": msgspec.structs.replace(signed(), generation="03"),
    "a uuid changed to this one": msgspec.structs.replace(signed(OTHER_VM), vm=str(VM)),
    "a uuid shouted": msgspec.structs.replace(signed(OTHER_VM), vm=str(OTHER_VM).upper()),
    "no signature": msgspec.structs.replace(signed(), signature=""),
    "a short signature": msgspec.structs.replace(signed(), signature="00" * 63),
    "a signature turned round": msgspec.structs.replace(
        signed(), signature=bytes.fromhex(signed().signature)[::-1].hex()
    ),
    "an empty mark": RawMark(),
    "nonsense": RawMark(fleet="\ud800", vm="x" * 200, generation="-1", key="'", signature="\n"),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_anything_else_is_forged(what: str) -> None:
    assert verdict(FORGERIES[what]) is MarkVerdict.FORGED


def test_a_key_that_is_no_key_makes_a_forgery_and_no_error() -> None:
    assert judge_mark(signed(), VM, FLEET, {str(KEY): b"short"}).verdict is MarkVerdict.FORGED


def test_every_byte_of_the_signature_counts() -> None:
    good = bytes.fromhex(signed().signature)
    for place in range(len(good)):
        bent = bytes([*good[:place], good[place] ^ 1, *good[place + 1 :]])
        raw = msgspec.structs.replace(signed(), signature=bent.hex())
        assert verdict(raw) is MarkVerdict.FORGED


@pytest.mark.parametrize(
    ("world", "standing", "kind"),
    [
        (owned(), Standing.OWNED, ProofKind.RECORD),
        (ghost(), Standing.GHOST, ProofKind.MARK),
        (lookalike(), Standing.LOOKALIKE, ProofKind.NAME),
    ],
)
def test_the_kind_of_a_proof_follows_from_the_standing(
    world: World, standing: Standing, kind: ProofKind
) -> None:
    proof = prove(world.claim(standing))
    assert isinstance(proof, OwnershipProof)
    assert proof.kind is kind


@pytest.mark.parametrize(("command", "field"), [(StopVm, "proof"), (StartVm, "clearance")])
def test_danger_has_no_default(command: type[StopVm | StartVm], field: str) -> None:
    described = {f.name: f for f in msgspec.structs.fields(command)}
    assert described[field].required
