"""The mark element: what is not exactly ours can't pass for a mark in form."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.drivers.libvirt.metadata import build_element, read_element
from vmuster.model.ids import FleetId, KeyId, VmUuid
from vmuster.model.mark import NAMESPACE, OwnershipMark, RawMark, parse_mark, write_mark

MARK = OwnershipMark(
    fleet=FleetId(UUID(int=1)),
    vm=VmUuid(UUID(int=2)),
    generation=3,
    key=KeyId(UUID(int=4)),
    signature=bytes(64),
)
RAW = write_mark(MARK)
ELEMENT = build_element(RAW)
ATTRIBUTES = ELEMENT.removeprefix("<mark ").removesuffix(" />")


def test_what_is_built_is_read() -> None:
    assert read_element(ELEMENT) == RAW
    assert parse_mark(read_element(ELEMENT)) == MARK


@pytest.mark.parametrize(
    "element",
    [f'<mark xmlns="{NAMESPACE}" {ATTRIBUTES}/>', f'<x:mark xmlns:x="{NAMESPACE}" {ATTRIBUTES}/>'],
)
def test_the_namespace_may_be_spelled_out(element: str) -> None:
    assert read_element(element) == RAW


@pytest.mark.parametrize(
    "element",
    [
        f"<stamp {ATTRIBUTES}/>",
        f'<mark xmlns="urn:other" {ATTRIBUTES}/>',
        f'<mark {ATTRIBUTES} extra="1"/>',
        f"<mark {ATTRIBUTES}>text</mark>",
        f"<mark {ATTRIBUTES}><mark/></mark>",
        "<mark/>",
        "",
        "not xml",
        "<mark",
        f"<mark {ATTRIBUTES}/><mark/>",
        f'<!DOCTYPE mark [<!ENTITY a "b">]><mark {ATTRIBUTES}/>',
        '<!DOCTYPE mark [<!ENTITY x SYSTEM "file:///etc/hostname">]><mark fleet="&x;"/>',
        ELEMENT + " " * 5000,
        f"<mark {ATTRIBUTES} {ATTRIBUTES}/>",
        "<" + "a" * 4_000_000 + "/>",
    ],
)
def test_any_other_shape_is_there_and_bears_no_signature(element: str) -> None:
    found = read_element(element)
    assert isinstance(found, RawMark)
    assert found.signature == ""


def test_what_was_there_is_kept_but_the_signature() -> None:
    found = read_element(f"<stamp {ATTRIBUTES}/>")
    assert (found.fleet, found.vm, found.signature) == (RAW.fleet, RAW.vm, "")


xml_text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=200
)


@given(xml_text)
def test_no_text_changes_the_shape_of_the_tree(text: str) -> None:
    raw = RawMark(fleet=text, vm=text, generation=text, key=text, signature=text)
    element = build_element(raw)
    assert read_element(element) == (raw if len(element) <= 4096 else RawMark())


@given(st.text())
def test_reading_never_fails(text: str) -> None:
    assert isinstance(read_element(text), RawMark)
