"""The ownership mark: our signed label in the VM's own metadata.

One element `<mark xmlns="urn:vmuster:mark:1" fleet= vm= generation= key= signature= />`. The
signature is Ed25519 over `signed_bytes`: what is signed binds the fleet, this one VM and a
generation. A mark seen on a VM is text until it is parsed, and a claim until it is verified
(`reconcile/ownership.py` for the server, `agent/guard.py`, on its own, for the agent).
"""

import struct
from typing import Annotated, Final
from uuid import UUID

import msgspec

from vmuster.model.ids import FleetId, KeyId, VmUuid
from vmuster.model.states import MarkVerdict

NAMESPACE: Final = "urn:vmuster:mark:1"
_MAGIC: Final = b"vmuster-mark-1\0"
_GENERATION_MAX: Final = 2**64 - 1
_ATTRIBUTE_CHARACTERS_MAX: Final = 200

Attribute = Annotated[str, msgspec.Meta(max_length=_ATTRIBUTE_CHARACTERS_MAX)]
"""Text of a mark; a message that holds more is refused."""


class RawMark(msgspec.Struct, frozen=True, kw_only=True):
    """The attributes of a mark as they were found: text that nobody vouches for.

    An attribute that is absent, or longer than 200 characters, is kept as the empty string.
    """

    fleet: Attribute = ""
    vm: Attribute = ""
    generation: Attribute = ""
    key: Attribute = ""
    signature: Attribute = ""


class OwnershipMark(msgspec.Struct, frozen=True, kw_only=True):
    """A mark in form. Whether it is true is another question."""

    fleet: FleetId
    vm: VmUuid
    generation: int
    key: KeyId
    signature: bytes


class MarkJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a mark turned out to be; `generation` counts only for OURS, `fleet` only for FOREIGN."""

    verdict: MarkVerdict
    generation: int = 0
    fleet: str = ""


NO_MARK: Final = MarkJudgement(verdict=MarkVerdict.NONE)


def signed_bytes(fleet: FleetId, vm: VmUuid, generation: int, key: KeyId) -> bytes:
    """What is signed: magic, fleet (16), vm (16), generation (u64 big-endian), key (16)."""
    return _MAGIC + fleet.bytes + vm.bytes + struct.pack(">Q", generation) + key.bytes


def raw_mark(attributes: dict[str, str]) -> RawMark:
    """The known attributes of a mark element, bounded; unknown ones are left out."""
    kept = {
        name: value if len(value) <= _ATTRIBUTE_CHARACTERS_MAX else ""
        for name, value in attributes.items()
        if name in RawMark.__struct_fields__
    }
    return RawMark(**kept)


def parse_mark(raw: RawMark) -> OwnershipMark | None:
    """`raw` as a mark in form, or None where any part is not written exactly as we write it."""
    try:
        mark = OwnershipMark(
            fleet=FleetId(UUID(raw.fleet)),
            vm=VmUuid(UUID(raw.vm)),
            generation=int(raw.generation),
            key=KeyId(UUID(raw.key)),
            signature=bytes.fromhex(raw.signature),
        )
    except ValueError:
        return None
    in_form = 0 <= mark.generation <= _GENERATION_MAX and write_mark(mark) == raw
    return mark if in_form else None


def write_mark(mark: OwnershipMark) -> RawMark:
    """The one way in which we write a mark: canonical uuids, plain decimal, lower-case hex."""
    return RawMark(
        fleet=str(mark.fleet),
        vm=str(mark.vm),
        generation=str(mark.generation),
        key=str(mark.key),
        signature=mark.signature.hex(),
    )
