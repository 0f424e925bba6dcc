"""The bytes under a grant's signature: every field counts, and none can flow into the next."""

from uuid import UUID

import msgspec
import pytest

from vmuster.model.host import NameGrant, grant_bytes
from vmuster.model.ids import ClusterName, FleetId, KeyId

GRANT = NameGrant(
    id="g1",
    cluster=ClusterName("east"),
    fleet=FleetId(UUID(int=1)),
    instance="VM",
    granted_by="ann",
    granted_at=1.5,
    key=KeyId(UUID(int=2)),
    signature=b"",
)

OTHERS: dict[str, object] = {
    "id": "g2",
    "cluster": "west",
    "fleet": UUID(int=3),
    "instance": "VM2",
    "granted_by": "bob",
    "granted_at": 1.25,
    "key": UUID(int=4),
}


@pytest.mark.parametrize("field", [f for f in NameGrant.__struct_fields__ if f != "signature"])
def test_every_field_is_signed(field: str) -> None:
    other = msgspec.structs.replace(GRANT, **{field: OTHERS[field]})
    assert grant_bytes(other) != grant_bytes(GRANT)


def test_the_signature_is_not() -> None:
    assert grant_bytes(msgspec.structs.replace(GRANT, signature=b"x")) == grant_bytes(GRANT)


def test_text_cannot_flow_from_one_field_into_the_next() -> None:
    one = msgspec.structs.replace(GRANT, id="g", cluster=ClusterName("1east"))
    other = msgspec.structs.replace(GRANT, id="g1", cluster=ClusterName("east"))
    assert grant_bytes(one) != grant_bytes(other)


def test_text_that_is_no_unicode_is_signed_too() -> None:
    assert grant_bytes(msgspec.structs.replace(GRANT, granted_by="\ud800"))
