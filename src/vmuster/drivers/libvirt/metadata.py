"""The mark element in a domain's metadata: read and build.

libvirt hands out the first element of our namespace below `<metadata>`, without the namespace
declaration. What we find there was written by anybody: it is size-capped before it is parsed,
parsed without entities, and any shape but exactly ours can't pass for a mark in form.
"""

from typing import Final
from xml.etree import ElementTree

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from vmuster.model.mark import NAMESPACE, RawMark, raw_mark

PREFIX: Final = "vmuster"
"""The XML prefix under which libvirt writes the element."""
_TAGS: Final = ("mark", f"{{{NAMESPACE}}}mark")
_CHARACTERS_MAX: Final = 4096


def read_element(text: str) -> RawMark:
    """The mark in an element of our namespace, whatever shape it has.

    The signature is left out where the shape is not exactly ours, so that it is judged as forged.
    """
    if len(text) > _CHARACTERS_MAX:
        return RawMark()
    try:
        element = fromstring(text)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        return RawMark()
    mark = raw_mark(dict(element.attrib))
    in_shape = (
        element.tag in _TAGS
        and not len(element)
        and not (element.text or "").strip()
        and set(element.attrib) == set(RawMark.__struct_fields__)
    )
    return mark if in_shape else msgspec.structs.replace(mark, signature="")


def build_element(mark: RawMark) -> str:
    """The element to hand to libvirt, which adds the namespace itself."""
    return ElementTree.tostring(
        ElementTree.Element("mark", msgspec.structs.asdict(mark)), encoding="unicode"
    )
