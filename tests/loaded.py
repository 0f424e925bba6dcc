"""What a store gives for a pass over one host."""

from collections.abc import Collection

from vmuster.model.ids import HostId, VmUuid
from vmuster.ports.store import HostAsked, HostRows, Store


async def load_host(
    store: Store,
    host: HostId,
    vms: Collection[VmUuid] = (),
    names: Collection[str] = (),
    since: float = 0.0,
) -> HostRows | None:
    """Everything that is known of the host, and of these VMs and names."""
    (rows,) = await store.load_hosts([HostAsked(host=host, vms=vms, names=names)], since)
    return rows
