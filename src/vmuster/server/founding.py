"""A fleet's first start: its id, its name suffix, its key's public half, its first cluster."""

from typing import Final

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import ClusterName, FleetId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.policy import Policy
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.server.signing import Signer

DEFAULT_CLUSTER: Final = ClusterName("default")


async def found(store: Store, clock: Clock, signer: Signer, instance: str) -> Fleet:
    """The fleet of this database: the one there is, else a new one.

    Raises `Corrupt` where the signing key is not one that this fleet knows: its marks would be
    forgeries to every agent.
    """
    fleet = await store.get(Fleet)
    if fleet is None:
        fleet = await _new(store, clock, signer, instance)
    if fleet.public_keys.get(str(signer.key)) != signer.public:
        raise Corrupt(
            "the signing key is not a key of this fleet",
            hint="restore the key file that belongs to this database; it lies outside the backups",
        )
    return fleet


async def _new(store: Store, clock: Clock, signer: Signer, instance: str) -> Fleet:
    now = clock.now()
    fleet = Fleet(
        id=FleetId(clock.uuid()),
        instance=instance,
        created_at=now,
        key=signer.key,
        public_keys={str(signer.key): signer.public},
    )
    cluster = Cluster(name=DEFAULT_CLUSTER, policy=Policy(), created_at=now)
    entry = JournalEntry(
        at=now, kind=EntryKind.AUDIT, actor="vmuster", what=f"fleet {fleet.id} was founded"
    )
    refused = await store.commit(
        (
            Changes(
                writes=(Write(before=None, after=fleet), Write(before=None, after=cluster)),
                entries=(entry,),
            ),
        )
    )
    founded = await store.get(Fleet)
    if refused[0] or founded is None:
        raise Unavailable(f"the fleet could not be founded: {refused[0]}")
    return founded
