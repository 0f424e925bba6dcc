"""The mark: the bytes under its signature, the one way to write it, and text that poses as one."""

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

marks = st.builds(
    OwnershipMark,
    fleet=st.uuids().map(FleetId),
    vm=st.uuids().map(VmUuid),
    generation=st.integers(0, 2**64 - 1),
    key=st.uuids().map(KeyId),
    signature=st.binary(max_size=64),
)
raw_marks = st.builds(
    RawMark, **{field: st.text(max_size=60) for field in RawMark.__struct_fields__}
)
MARK = OwnershipMark(
    fleet=FleetId(UUID("00112233-4455-6677-8899-aabbccddeeff")),
    vm=VmUuid(UUID("0f0e0d0c-0b0a-0908-0706-050403020100")),
    generation=258,
    key=KeyId(UUID(int=7)),
    signature=bytes(range(64)),
)
WRITTEN = write_mark(MARK)


def test_the_signed_bytes_are_laid_out_as_agreed() -> None:
    assert signed_bytes(MARK.fleet, MARK.vm, MARK.generation, MARK.key) == (
        b"vmuster-mark-1\0"
        + bytes.fromhex("00112233445566778899aabbccddeeff")
        + bytes.fromhex("0f0e0d0c0b0a09080706050403020100")
        + bytes.fromhex("0000000000000102")
        + bytes.fromhex("00000000000000000000000000000007")
    )


def test_the_highest_generation_has_its_bytes_too() -> None:
    highest = signed_bytes(MARK.fleet, MARK.vm, 2**64 - 1, MARK.key)
    assert highest[15 + 32 : 15 + 40] == b"\xff" * 8


@given(marks, marks)
def test_different_marks_are_different_bytes(one: OwnershipMark, other: OwnershipMark) -> None:
    said = [(m.fleet, m.vm, m.generation, m.key) for m in (one, other)]
    layouts = [signed_bytes(*parts) for parts in said]
    assert (said[0] == said[1]) is (layouts[0] == layouts[1])
    assert all(len(layout) == 15 + 16 + 16 + 8 + 16 for layout in layouts)


@given(marks)
def test_what_is_written_is_read_back(mark: OwnershipMark) -> None:
    assert parse_mark(write_mark(mark)) == mark


HOSTILE = [
    {"fleet": ""},
    {"fleet": WRITTEN.fleet.upper()},
    {"vm": WRITTEN.vm.upper()},
    {"vm": "{" + WRITTEN.vm + "}"},
    {"vm": "urn:uuid:" + WRITTEN.vm},
    {"vm": WRITTEN.vm.replace("-", "")},
    {"vm": WRITTEN.vm.replace("0", "٠")},
    {"vm": WRITTEN.vm + " "},
    {"key": "\ud800"},
    {"generation": "0258"},
    {"generation": "+258"},
    {"generation": " 258"},
    {"generation": "2_58"},
    {"generation": "٢٥٨"},
    {"generation": "258.0"},
    {"generation": "-1"},
    {"generation": str(2**64)},
    {"generation": "9" * 199},
    {"generation": ""},
    {"signature": WRITTEN.signature.upper()},
    {"signature": WRITTEN.signature + "0"},
    {"signature": " " + WRITTEN.signature},
    {"signature": "zz"},
]


@pytest.mark.parametrize("change", HOSTILE)
def test_what_is_not_written_as_we_write_it_is_no_mark(change: dict[str, str]) -> None:
    assert parse_mark(msgspec.structs.replace(WRITTEN, **change)) is None


@given(raw_marks)
def test_any_text_is_judged_without_an_error(raw: RawMark) -> None:
    mark = parse_mark(raw)
    assert mark is None or write_mark(mark) == raw


def test_attributes_are_bounded_and_strangers_left_out() -> None:
    raw = raw_mark({"fleet": "f", "vm": "v" * 200, "key": "k" * 201, "onload": "x"})
    assert raw == RawMark(fleet="f", vm="v" * 200, key="")
    assert raw_mark({}) == RawMark()
