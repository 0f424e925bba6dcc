"""Checks of the machine, each with one thing that is wrong."""

import pytest

from tests.unit.server.checkup.worlds import only, place, unwell
from vmuster.server.checkup.machine import MACHINE

_MIB = 1 << 20


def test_a_healthy_machine_is_well() -> None:
    assert unwell(MACHINE, place()) == []


@pytest.mark.parametrize(
    ("part", "changes", "name", "verdict"),
    [
        ("machine", {"missing": ("msgspec",)}, "python", "failed"),
        ("machine", {"libvirt": ""}, "libvirt", "warning"),
        ("machine", {"ssh": ""}, "ssh", "warning"),
        ("machine", {"descriptors_max": 256}, "open files", "warning"),
        ("machine", {"descriptors": 60_000}, "open files", "warning"),
        ("machine", {"synchronised": False}, "clock", "warning"),
        ("database", {"free": 100 * _MIB}, "disk", "failed"),
        ("database", {"free": 900 * _MIB, "bytes": 1}, "disk", "warning"),
        ("database", {"free": 2000 * _MIB, "bytes": 3000 * _MIB}, "disk", "warning"),
    ],
)
def test_one_thing_is_wrong(part: str, changes: dict[str, object], name: str, verdict: str) -> None:
    assert only(MACHINE, place(**{part: changes})) == (name, verdict)


def test_what_the_system_does_not_say_is_no_fault() -> None:
    assert unwell(MACHINE, place(machine={"synchronised": None, "descriptors": None})) == []
