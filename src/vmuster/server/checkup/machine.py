"""Checks of the machine that a server runs on."""

from typing import Final

from vmuster.model.text import listed
from vmuster.server.checkup.checks import Check, Found, failed, ok, warning
from vmuster.server.checkup.place import Place

_DESCRIPTORS_MIN: Final = 1024
_DESCRIPTORS_LEFT_PERCENT: Final = 20
_MIB: Final = 1 << 20
_FREE_MIN: Final = 200 * _MIB
_FREE_WARNED: Final = 1024 * _MIB
_DISK: Final = "make room on the disk of the state folder; what can't be written down is not done"


def _python(place: Place) -> Found:
    machine = place.machine
    if machine.missing:
        return failed(
            f"libraries are missing: {listed(machine.missing)}", "install vmuster anew: pip, or uv"
        )
    known = ", ".join(f"{name} {version}" for name, version in machine.libraries.items())
    return ok(f"vmuster {machine.vmuster} on Python {machine.python}; {known}")


def _libvirt(place: Place) -> Found:
    if not place.machine.libvirt:
        return warning(
            "there is no libvirt client library, so that no hypervisor can be reached",
            "pip install 'vmuster[libvirt]'",
        )
    return ok(f"libvirt client library {place.machine.libvirt}")


def _ssh(place: Place) -> Found:
    if not place.machine.ssh:
        return warning(
            "there is no ssh client, so that no host can be reached over ssh",
            "install the package openssh-client",
        )
    return ok(place.machine.ssh)


def _descriptors(place: Place) -> Found:
    most, used = place.machine.descriptors_max, place.machine.descriptors
    said = f"{most} files may be open" + ("" if used is None else f", {used} are")
    if most < _DESCRIPTORS_MIN or (
        used is not None and most - used < most * _DESCRIPTORS_LEFT_PERCENT // 100
    ):
        return warning(
            said, "raise the limit where the server is started: LimitNOFILE=, or ulimit -n"
        )
    return ok(said)


def _disk(place: Place) -> Found:
    free, size = place.database.free, place.database.bytes
    said = f"{free // _MIB} MiB are free beside a database of {size // _MIB} MiB"
    if free < _FREE_MIN:
        return failed(said, _DISK)
    if free < _FREE_WARNED or free < size:
        return warning(said, _DISK)
    return ok(said)


def _clock(place: Place) -> Found:
    match place.machine.synchronised:
        case None:
            return ok("the system does not say whether a time service keeps its clock")
        case True:
            return ok("a time service keeps the clock")
        case False:
            return warning(
                "no time service keeps the clock: times in the journal and the ends of keys and"
                " certificates may be wrong",
                "run chrony or systemd-timesyncd",
            )


MACHINE: Final[tuple[Check[Place], ...]] = (
    Check("machine", "python", _python),
    Check("machine", "libvirt", _libvirt),
    Check("machine", "ssh", _ssh),
    Check("machine", "open files", _descriptors),
    Check("machine", "disk", _disk),
    Check("machine", "clock", _clock),
)
"""What is looked at on the machine, in this order."""
