"""Strangers beside our VMs: each of a kind that was once, or could be, taken for ours.

What they are is remembered when they are made: their processes, and their whole XML, running and
stored. Nothing of it may change.
"""

from typing import Any, Final
from uuid import UUID, uuid4
from xml.etree import ElementTree

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from defusedxml.ElementTree import fromstring

from vmuster.demo.hosts import SessionHost
from vmuster.drivers.libvirt.metadata import PREFIX, build_element
from vmuster.model.ids import FleetId, KeyId, VmUuid
from vmuster.model.mark import NAMESPACE, write_mark
from vmuster.server.secrets.signing import Signer

ALIEN: Final = "Windows 7 (32-bit) (1)"
OTHER_CLOUDS: Final = "i-9-99-OTHER"
LOOKALIKE: Final = "i-2-77-VM"


class Stranger(msgspec.Struct, frozen=True, kw_only=True):
    """One stranger as it was at first. `pid` None: it does not run."""

    host: str
    name: str
    uuid: UUID
    pid: int | None
    xml: tuple[str, ...]


def alien(host: SessionHost, name: str, *, running: bool = True) -> UUID:
    """A VM without any mark."""
    uuid = uuid4()
    domain = host.define(name, uuid)
    if running:
        _ = domain.create()
    return uuid


def foreign(host: SessionHost, name: str) -> UUID:
    """A VM that bears a good mark of another fleet."""
    uuid = alien(host, name)
    signer = Signer(KeyId(uuid4()), Ed25519PrivateKey.generate().private_bytes_raw())
    mark = write_mark(signer.mark(FleetId(uuid4()), VmUuid(uuid), 7))
    _ = host.hand.lookupByUUID(uuid.bytes).setMetadata(
        libvirt.VIR_DOMAIN_METADATA_ELEMENT,
        build_element(mark),
        PREFIX,
        NAMESPACE,
        libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG,
    )
    return uuid


def clone(host: SessionHost, original: UUID, name: str, *, running: bool = True) -> UUID:
    """A VM made from another's XML, its mark included."""
    uuid = uuid4()
    stored = host.hand.lookupByUUID(original.bytes).XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    tree = fromstring(stored)
    for tag, text in (("uuid", str(uuid)), ("name", name)):
        element = tree.find(tag)
        if element is None:
            raise ValueError(f"the XML has no {tag}")
        element.text = text
    domain = host.hand.defineXML(ElementTree.tostring(tree, encoding="unicode"))
    if running:
        _ = domain.create()
    return uuid


def remember(host: str, machine: SessionHost, uuid: UUID) -> Stranger:
    """The stranger as it is now."""
    domain = machine.hand.lookupByUUID(uuid.bytes)
    flags = (libvirt.VIR_DOMAIN_XML_INACTIVE, *((0,) if domain.isActive() else ()))
    return Stranger(
        host=host,
        name=domain.name(),
        uuid=uuid,
        pid=machine.guest_pids().get(uuid),
        xml=tuple(domain.XMLDesc(flag) for flag in flags),
    )


def changed(strangers: list[Stranger], hosts: dict[str, Any]) -> list[str]:
    """Which strangers are not as they were, in words."""
    found: list[str] = []
    for before in strangers:
        try:
            now = remember(before.host, hosts[before.host], before.uuid)
        except libvirt.libvirtError as error:
            found.append(f"{before.name} on {before.host} is gone: {error}")
            continue
        found.extend(
            f"{before.name} on {before.host}: its {field} changed"
            for field in ("name", "pid", "xml")
            if getattr(before, field) != getattr(now, field)
        )
    return found
