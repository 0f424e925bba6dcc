"""Is this the host that it was? By the hypervisor's own uuid of its host, never by name or address.

Some machines share one uuid with thousands of others, since their maker never filled it in. By
such a uuid one host can be taken for another, so a person has to say that it is meant. (libvirt
itself passes over a uuid whose bytes are all the same, and only over those.)
"""

from typing import Final
from uuid import UUID

from vmuster.model.host import Host
from vmuster.model.ids import HostUuid

_OWN_UUID: Final = "give it one of its own (host_uuid in its libvirtd.conf)"
_NEW_EACH_TIME: Final = (
    "Where it is the same machine, whose firmware has no uuid, libvirtd makes up a new one at each"
    " start: first set host_uuid in its libvirtd.conf, and restart it"
)

SHARED: Final[dict[UUID, str]] = {
    UUID("03000200-0400-0500-0006-000700080009"): "what AMI's firmware is delivered with",
    UUID("00020003-0004-0005-0006-000700080009"): "the same, in the other order of bytes",
    UUID("00010203-0405-0607-0809-0a0b0c0d0e0f"): "bytes counted up",
    UUID("03020100-0504-0706-0809-0a0b0c0d0e0f"): "the same, in the other order of bytes",
    UUID("12345678-1234-5678-90ab-cddeefaabbcc"): "an example that was never replaced",
    UUID("78563412-3412-7856-90ab-cddeefaabbcc"): "the same, in the other order of bytes",
    UUID("12345678-1234-1234-1234-123456789abc"): "an example that was never replaced",
    UUID("01234567-89ab-cdef-0123-456789abcdef"): "digits counted up",
    UUID("deadbeef-dead-beef-dead-beefdeadbeef"): "a maker's joke",
    UUID("4c4c4544-0000-2010-8020-80c04f202020"): "a Dell board without its service tag",
    UUID("44454c4c-0000-1020-8020-80c04f202020"): "the same, in the other order of bytes",
    UUID("00000000-0000-0000-0807-060504030201"): "bytes counted down",
    UUID("8a95d198-7f46-11e5-bf8b-08002704d48e"): "SolidRun's boards: compiled into the firmware",
}
"""Uuids that many machines are known to have, and why."""


def refused(host: Host, uuid: HostUuid) -> str:
    """Why a host that says that it is `uuid` is not taken for `host`, in words; "" where it is.

    What a person accepted for this host is never refused, and neither is what it has always been.
    """
    if uuid in (host.accepted, host.uuid):
        return ""
    way_out = f"if it is meant: vmuster host accept {host.name} --uuid {uuid}"
    if host.uuid is not None:
        return (
            f"the hypervisor says that this host is {uuid}, and it was {host.uuid}: refused until"
            f" a person has looked; {way_out}. {_NEW_EACH_TIME}"
        )
    why = shared(uuid)
    if why:
        return (
            f"the hypervisor says that this host is {uuid}, which many machines are ({why}):"
            f" {_OWN_UUID}; {way_out}"
        )
    return ""


def shared(uuid: UUID) -> str:
    """Why `uuid` can't tell one machine from another, in words; "" where it can."""
    if len(set(uuid.bytes)) == 1:
        return "every byte of it is the same"
    return SHARED.get(uuid, "")


def twin(other: str) -> str:
    """The words where another host, called `other`, is known by the same uuid already."""
    return (
        f"this is the host that is already known as {other}: remove one of the two; or, where they"
        f" are two machines, {_OWN_UUID}"
    )
