"""The bytes under a grant: every field is in them, and no two grants share them."""

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts import grant
from vmuster.model.host import NameGrant, grant_bytes

text = st.text(st.characters(), max_size=4)
grants = st.builds(
    NameGrant,
    id=text,
    cluster=text,
    fleet=st.uuids(),
    instance=text,
    granted_by=text,
    granted_at=st.floats(0, 10, allow_nan=False),
    key=st.uuids(),
    signature=st.just(b""),
)
OTHER_FIELDS = [
    {"id": "grant-2"},
    {"cluster": "another"},
    {"fleet": UUID(int=9)},
    {"instance": "OTHER"},
    {"granted_by": "bob"},
    {"granted_at": 1.5},
    {"key": UUID(int=9)},
]


def test_every_field_but_the_signature_is_in_the_bytes() -> None:
    named = {field for change in OTHER_FIELDS for field in change}
    assert named | {"signature"} == set(NameGrant.__struct_fields__)


@pytest.mark.parametrize("change", OTHER_FIELDS)
def test_any_other_field_is_other_bytes(change: dict[str, object]) -> None:
    assert grant_bytes(msgspec.structs.replace(grant(), **change)) != grant_bytes(grant())


def test_the_bytes_are_those_that_were_signed_once() -> None:
    """A grant outlives the server that signed it, and agents read these bytes by their own code."""
    fleet, key = str(grant().fleet).encode(), str(grant().key).encode()
    assert grant_bytes(grant()) == (
        b"vmuster-grant-1\0"
        b"\0\0\0\x07grant-1"
        b"\0\0\0\x07cluster"
        b"\0\0\0\x24" + fleet + b"\0\0\0\x02VM\0\0\0\x03ann\0\0\0\x031.0\0\0\0\x24" + key
    )


def test_what_is_no_text_can_be_signed_too() -> None:
    odd = msgspec.structs.replace(grant(), granted_by="\ud800")
    assert b"\0\0\0\x03\xed\xa0\x80" in grant_bytes(odd)


def test_the_signature_is_not_under_itself() -> None:
    signed = msgspec.structs.replace(grant(), signature=b"another")
    assert grant_bytes(signed) == grant_bytes(grant())


@given(grants, grants)
def test_no_two_grants_share_their_bytes(one: NameGrant, other: NameGrant) -> None:
    assert (one == other) is (grant_bytes(one) == grant_bytes(other))


def test_what_stands_at_a_border_can_not_move_over_it() -> None:
    one = msgspec.structs.replace(grant(), id="ab", cluster="c")
    other = msgspec.structs.replace(grant(), id="a", cluster="bc")
    assert grant_bytes(one) != grant_bytes(other)
