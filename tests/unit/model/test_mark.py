"""Marks in form: one way to write them, and nothing else is read."""

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.model.ids import FleetId, KeyId, VmUuid
from vmuster.model.mark import (
    OwnershipMark,
    RawMark,
    parse_mark,
    raw_mark,
    signed_bytes,
    write_mark,
)

FLEET = FleetId(UUID("0f1e2d3c-4b5a-4968-8776-a5b4c3d2e1f0"))
VM = VmUuid(UUID("11111111-2222-4333-8444-555555555555"))
KEY = KeyId(UUID("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"))
MARK = OwnershipMark(fleet=FLEET, vm=VM, generation=7, key=KEY, signature=b"\x01" * 64)
RAW = write_mark(MARK)

marks = st.builds(
    OwnershipMark,
    fleet=st.uuids().map(FleetId),
    vm=st.uuids().map(VmUuid),
    generation=st.integers(min_value=0, max_value=2**64 - 1),
    key=st.uuids().map(KeyId),
    signature=st.binary(max_size=80),
)


def test_the_signed_bytes_are_laid_out_as_the_plan_says() -> None:
    signed = signed_bytes(FLEET, VM, 258, KEY)
    assert signed == (
        b"vmuster-mark-1\0" + FLEET.bytes + VM.bytes + bytes([0, 0, 0, 0, 0, 0, 1, 2]) + KEY.bytes
    )


@given(marks)
def test_what_is_written_reads_back(mark: OwnershipMark) -> None:
    assert parse_mark(write_mark(mark)) == mark


@pytest.mark.parametrize(
    "changes",
    [
        {"generation": "07"},
        {"generation": "+7"},
        {"generation": " 7"},
        {"generation": "1_0"},
        {"generation": "٧"},
        {"generation": "-1"},
        {"generation": str(2**64)},
        {"generation": "9" * 5000},
        {"generation": ""},
        {"vm": str(VM).replace("-", "")},
        {"vm": f"{{{VM}}}"},
        {"key": str(KEY).upper()},
        {"fleet": ""},
        {"fleet": "ours"},
        {"signature": RAW.signature[:-1]},
        {"signature": RAW.signature + " "},
        {"signature": "AB" * 64},
    ],
)
def test_only_our_own_way_of_writing_is_a_mark_in_form(changes: dict[str, str]) -> None:
    assert parse_mark(msgspec.structs.replace(RAW, **changes)) is None


@given(st.builds(RawMark, **dict.fromkeys(RawMark.__struct_fields__, st.text(st.characters()))))
def test_no_text_at_all_makes_parsing_fail(raw: RawMark) -> None:
    mark = parse_mark(raw)
    assert mark is None or write_mark(mark) == raw


def test_found_attributes_are_bounded_and_unknown_ones_left_out() -> None:
    found = {"fleet": "f" * 201, "vm": "v" * 200, "owner": "somebody"}
    assert raw_mark(found) == RawMark(vm="v" * 200)
