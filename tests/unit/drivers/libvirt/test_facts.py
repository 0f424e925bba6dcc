"""Which host it is, as the capabilities document says."""

from pathlib import Path
from unittest.mock import Mock
from uuid import UUID

import pytest

from vmuster.drivers.libvirt.facts import dotted, host_uuid, read_facts
from vmuster.model.host import HostFacts
from vmuster.model.ids import HostUuid
from vmuster.ports.driver import DriverError

HOST = UUID(int=5)


def test_the_host_uuid_is_read() -> None:
    document = f"<capabilities><host><uuid>{HOST}</uuid></host></capabilities>"
    assert host_uuid(document) == HOST


@pytest.mark.parametrize(
    "document",
    [
        "",
        "<capabilities/>",
        "<capabilities><host><uuid>none</uuid></host></capabilities>",
        f"<capabilities><guest><uuid>{HOST}</uuid></guest></capabilities>",
        f'<!DOCTYPE c [<!ENTITY u "{HOST}">]><c><host><uuid>&u;</uuid></host></c>',
    ],
)
def test_a_host_that_does_not_say_who_it_is_is_refused(document: str) -> None:
    with pytest.raises(DriverError, match="which host"):
        _ = host_uuid(document)


CONNECTION = Mock(
    **{
        "getCapabilities.return_value": f"<c><host><uuid>{HOST}</uuid></host></c>",
        "getType.return_value": "QEMU",
        "getVersion.return_value": 7_002_000,
        "getLibVersion.return_value": 9_000_000,
        "getHostname.return_value": "h1",
    }
)
"""A host at the end of it, wherever that is."""


@pytest.mark.parametrize("near", [True, False])
def test_the_boot_of_this_machine_is_no_far_hosts(near: bool) -> None:
    facts = read_facts(CONNECTION, near=near)
    ours = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert facts == HostFacts(
        uuid=HostUuid(HOST),
        boot_id=ours if near else "",
        hypervisor="QEMU",
        version="7.2.0, libvirt 9.0.0",
        hostname="h1",
    )


def test_version_numbers_are_dotted() -> None:
    assert dotted(7_002_022) == "7.2.22"
