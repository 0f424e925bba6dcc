"""Which host it is, as the capabilities document says."""

from uuid import UUID

import pytest

from vmuster.drivers.libvirt.facts import dotted, host_uuid
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


def test_version_numbers_are_dotted() -> None:
    assert dotted(7_002_022) == "7.2.22"
