"""What a store gives for a pass over one host."""

from collections.abc import Collection
from itertools import count
from uuid import UUID

from vmuster.model.ids import HostId, VmUuid
from vmuster.ports.store import HostAsked, HostRows, Store


async def load_host(
    store: Store,
    host: HostId,
    vms: Collection[VmUuid] = (),
    names: Collection[str] = (),
    since: float = 0.0,
) -> HostRows | None:
    """Everything that is known of the host, and of these VMs and names, which strangers bear."""
    asked = HostAsked(host=host, vms=vms, names=strangers(*names))
    (rows,) = await store.load_hosts([asked], since)
    return rows


def strangers(*names: str) -> dict[VmUuid, str]:
    """VMs of which there is no record, by these names."""
    return dict(zip((VmUuid(UUID(int=n)) for n in count(2**120)), names, strict=False))
