"""Guests of one sector: their images and their domain XML.

A guest (`guest.S`) needs 2 MiB of memory and no hardware virtualisation, and is up in a tenth of
a second; so real hypervisors can be tested anywhere. Images are read-only and shared by all
guests that behave alike.
"""

import subprocess
from enum import Enum
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final
from uuid import UUID
from xml.etree import ElementTree

import msgspec

_MODE_AT: Final = 0x1F0
_SECONDS_AT: Final = 0x1F1
_IMAGE_BYTES: Final = 1 << 20
_MEMORY_KIB: Final = 2048


class Behaviour(Enum):
    """What a guest does; the value is the mode byte of `guest.S`."""

    OBEDIENT = 0
    """Powers itself off when asked by ACPI."""
    DEAF = 1
    """Ignores ACPI."""
    SHORT = 2
    """Powers itself off after a while."""
    CRASHING = 3
    """Reports a panic after a while."""


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """One guest to define: what it is called, what it is, and what it boots."""

    name: str
    uuid: UUID
    image: Path


def build_image(cache: Path, behaviour: Behaviour, seconds: int = 2) -> Path:
    """The image of a guest that behaves so, made in the folder `cache` unless it is there.

    `seconds` (0 to 255) counts for SHORT and CRASHING. Raises `subprocess.CalledProcessError` or
    `FileNotFoundError` where the assembler (GNU `as` and `ld`) fails or is missing.
    """
    image = cache / f"{behaviour.name.lower()}-{seconds}.img"
    if not image.exists():
        content = bytearray(_boot_sector(cache))
        content[_MODE_AT] = behaviour.value
        content[_SECONDS_AT] = seconds
        fresh = image.with_suffix(".new")
        _ = fresh.write_bytes(content.ljust(_IMAGE_BYTES, b"\0"))
        fresh.chmod(0o644)
        _ = fresh.rename(image)
    return image


def _boot_sector(cache: Path) -> bytes:
    """`guest.S`, assembled and linked for real mode."""
    linked = cache / "guest.bin"
    if not linked.exists():
        assembled = cache / "guest.o"
        with as_file(files("vmuster.demo") / "guest.S") as source:
            _ = subprocess.run(["as", "--32", "-o", assembled, source], check=True)
        link = ["ld", "-m", "elf_i386", "-Ttext", "0x7c00", "--oformat", "binary"]
        _ = subprocess.run([*link, "-o", linked, assembled], check=True)
    return linked.read_bytes()


def domain_xml(guest: Guest) -> str:
    """The domain XML of a guest, run by QEMU's own emulation."""
    domain = ElementTree.Element("domain", type="qemu")
    ElementTree.SubElement(domain, "name").text = guest.name
    ElementTree.SubElement(domain, "uuid").text = str(guest.uuid)
    ElementTree.SubElement(domain, "memory", unit="KiB").text = str(_MEMORY_KIB)
    ElementTree.SubElement(domain, "vcpu").text = "1"
    system = ElementTree.SubElement(domain, "os")
    ElementTree.SubElement(system, "type", arch="x86_64", machine="pc").text = "hvm"
    _ = ElementTree.SubElement(ElementTree.SubElement(domain, "features"), "acpi")
    ElementTree.SubElement(domain, "on_crash").text = "destroy"
    devices = ElementTree.SubElement(domain, "devices")
    disk = ElementTree.SubElement(devices, "disk", type="file", device="disk")
    _ = ElementTree.SubElement(disk, "driver", name="qemu", type="raw")
    _ = ElementTree.SubElement(disk, "source", file=str(guest.image))
    _ = ElementTree.SubElement(disk, "target", dev="vda", bus="virtio")
    _ = ElementTree.SubElement(disk, "readonly")
    _ = ElementTree.SubElement(devices, "controller", type="usb", model="none")
    _ = ElementTree.SubElement(devices, "memballoon", model="none")
    _ = ElementTree.SubElement(devices, "panic", model="isa")
    return ElementTree.tostring(domain, encoding="unicode")
