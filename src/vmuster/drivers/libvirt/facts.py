"""What libvirt says of its host. Runs in a worker's thread."""

from pathlib import Path
from typing import Final
from uuid import UUID
from xml.etree import ElementTree

import libvirt
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from vmuster.model.host import HostFacts
from vmuster.model.ids import HostUuid
from vmuster.model.text import bounded
from vmuster.ports.driver import DriverError

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def read_facts(connection: libvirt.virConnect, *, near: bool) -> HostFacts:
    """The host behind a connection. `near`: it is this very machine, whose kernel's boot id is the
    host's; of any other libvirt does not tell, and "" is honest."""
    return HostFacts(
        uuid=host_uuid(connection.getCapabilities()),
        boot_id=_BOOT_ID.read_text("ascii").strip() if near else "",
        hypervisor=bounded(connection.getType()),
        version=(
            f"{dotted(connection.getVersion())}, libvirt {dotted(connection.getLibVersion())}"
        ),
        hostname=bounded(connection.getHostname()),
    )


def host_uuid(capabilities: str) -> HostUuid:
    """`<host><uuid>` of a capabilities document. Raises `DriverError` where there is none."""
    try:
        return HostUuid(UUID(fromstring(capabilities).findtext("host/uuid") or ""))
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        raise DriverError("the hypervisor does not say which host it is") from None


def dotted(version: int) -> str:
    """libvirt's version numbers, 1,000,000 * major + 1,000 * minor + release, as text."""
    return f"{version // 1_000_000}.{version // 1_000 % 1_000}.{version % 1_000}"
