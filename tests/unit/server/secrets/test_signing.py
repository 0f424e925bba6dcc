"""What is signed is what both judges, the server's and the agent's, read as true."""

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests import moments
from tests.outside import new_signer
from tests.parts import FLEET, KEY, VM
from vmuster.model.host import grant_bytes
from vmuster.model.ids import KeyId
from vmuster.model.mark import signed_bytes, write_mark
from vmuster.model.states import MarkVerdict
from vmuster.reconcile.ownership import judge_mark


def test_a_mark_is_signed_over_fleet_vm_generation_and_key() -> None:
    mark = moments.SIGNER.mark(FLEET, VM, 7)
    assert (mark.fleet, mark.vm, mark.generation, mark.key) == (FLEET, VM, 7, KEY)
    public = Ed25519PublicKey.from_public_bytes(moments.SIGNER.public)
    public.verify(mark.signature, signed_bytes(FLEET, VM, 7, KEY))
    with pytest.raises(InvalidSignature):
        public.verify(mark.signature, signed_bytes(FLEET, VM, 8, KEY))


def test_the_servers_judge_takes_it_for_ours_and_a_strangers_for_forged() -> None:
    keys = {str(KEY): moments.SIGNER.public}
    ours = judge_mark(write_mark(moments.SIGNER.mark(FLEET, VM, 7)), VM, FLEET, keys)
    assert (ours.verdict, ours.generation) == (MarkVerdict.OURS, 7)
    theirs = judge_mark(write_mark(new_signer().mark(FLEET, VM, 7)), VM, FLEET, keys)
    assert theirs.verdict is MarkVerdict.FORGED


def test_a_grant_names_the_key_that_signed_it() -> None:
    unsigned = msgspec.structs.replace(moments.grant(), key=KeyId(VM), signature=b"")
    signed = moments.SIGNER.grant(unsigned)
    assert signed.key == KEY
    public = Ed25519PublicKey.from_public_bytes(moments.SIGNER.public)
    public.verify(signed.signature, grant_bytes(signed))
    changed = msgspec.structs.replace(signed, granted_by="eve")
    with pytest.raises(InvalidSignature):
        public.verify(signed.signature, grant_bytes(changed))
