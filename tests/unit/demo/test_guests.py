"""Guests: their one sector and their XML."""

from pathlib import Path
from uuid import UUID

import pytest
from defusedxml.ElementTree import fromstring

from vmuster.demo.guests import Behaviour, Guest, build_image, domain_xml


@pytest.mark.parametrize("behaviour", Behaviour)
def test_an_image_boots_and_bears_its_behaviour(tmp_path: Path, behaviour: Behaviour) -> None:
    content = build_image(tmp_path, behaviour, 7).read_bytes()
    assert content[510:512] == b"\x55\xaa"
    assert (content[0x1F0], content[0x1F1]) == (behaviour.value, 7)
    assert not any(content[512:])


def test_an_image_is_made_once(tmp_path: Path) -> None:
    first = build_image(tmp_path, Behaviour.OBEDIENT)
    made = first.stat().st_mtime_ns
    assert build_image(tmp_path, Behaviour.OBEDIENT) == first
    assert first.stat().st_mtime_ns == made
    assert build_image(tmp_path, Behaviour.OBEDIENT, 9) != first


@pytest.mark.parametrize("name", ["plain", "x</name><uuid>1</uuid><name>y", "a'\"&<>"])
def test_no_name_changes_the_shape_of_the_xml(tmp_path: Path, name: str) -> None:
    guest = Guest(name=name, uuid=UUID(int=5), image=tmp_path / "i.img")
    tree = fromstring(domain_xml(guest))
    assert tree.findtext("name") == name
    assert [element.text for element in tree.findall("uuid")] == [str(UUID(int=5))]
