"""Which host it is: what is refused, what a person's word changes, and uuids that many share."""

from uuid import UUID

import msgspec
import pytest

from tests.parts import host
from vmuster.model.ids import HostUuid
from vmuster.reconcile.identity import SHARED, refused, shared, twin

OWN, OTHER = HostUuid(UUID(int=70)), HostUuid(UUID(int=71))
FIRM = HostUuid(UUID("03000200-0400-0500-0006-000700080009"))


def test_a_new_host_is_whoever_it_says() -> None:
    assert refused(host(), OWN) == ""


def test_a_known_host_is_who_it_was() -> None:
    known = msgspec.structs.replace(host(), uuid=OWN)
    assert refused(known, OWN) == ""
    why = refused(known, OTHER)
    assert why == (
        f"the hypervisor says that this host is {OTHER}, and it was {OWN}: refused until a person"
        f" has looked; if it is meant: vmuster host accept home --uuid {OTHER}. Where it is the"
        " same machine, whose firmware has no uuid, libvirtd makes up a new one at each start:"
        " first set host_uuid in its libvirtd.conf, and restart it"
    )


def test_a_persons_word_is_for_one_uuid() -> None:
    accepted = msgspec.structs.replace(host(), uuid=OWN, accepted=OTHER)
    assert refused(accepted, OTHER) == ""
    assert refused(accepted, HostUuid(UUID(int=72)))


@pytest.mark.parametrize(
    "junk", [UUID(int=0), UUID(int=2**128 - 1), UUID(bytes=b"\xfe" * 16), *SHARED], ids=str
)
def test_a_uuid_that_many_machines_share_needs_a_persons_word(junk: UUID) -> None:
    uuid = HostUuid(junk)
    assert shared(junk)
    assert refused(host(), uuid) == (
        f"the hypervisor says that this host is {uuid}, which many machines are ({shared(junk)}):"
        " give it one of its own (host_uuid in its libvirtd.conf); if it is meant: vmuster host"
        f" accept home --uuid {uuid}"
    )
    assert refused(msgspec.structs.replace(host(), accepted=uuid), uuid) == ""
    assert refused(msgspec.structs.replace(host(), uuid=uuid), uuid) == "", "it has always been"


@pytest.mark.parametrize("byte", [0x00, 0xFE, 0xFF])
def test_a_uuid_of_one_byte_says_so(byte: int) -> None:
    assert shared(UUID(bytes=bytes([byte]) * 16)) == "every byte of it is the same"


@pytest.mark.parametrize("uuid", [UUID(int=1), UUID("4c4c4544-0042-3510-8052-b3c04f4b4e32")])
def test_a_uuid_of_ones_own_is_not_shared(uuid: UUID) -> None:
    assert shared(uuid) == ""


def test_a_changed_uuid_is_refused_first_of_all() -> None:
    known = msgspec.structs.replace(host(), uuid=OWN)
    assert "and it was" in refused(known, FIRM)


def test_of_a_twin_the_other_name_is_told() -> None:
    assert "already known as beta" in twin("beta")
