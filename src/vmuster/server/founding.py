"""A fleet's start: founded once, with its id, its key and its first cluster; found ever after.

A start also sees to it that the key and the database belong together.
"""

from typing import Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import ClusterName, FleetId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import AUTOMATIC
from vmuster.model.policy import Policy
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.reconcile.too_new import quarantined
from vmuster.server.references import fleet_now
from vmuster.server.secrets.signing import Signer

DEFAULT_CLUSTER: Final = ClusterName("default")


async def found(store: Store, clock: Clock, signer: Signer, instance: str) -> Fleet:
    """The fleet of this database: the one there is, else a new one.

    Raises `Corrupt` where the signing key is not the one that this fleet signs with. A key that
    took the place of the database's own says that the database is the older of the two: it is
    taken in, and the fleet goes into quarantine.
    """
    fleet = await store.get(Fleet)
    if fleet is None:
        fleet = await _new(store, clock, signer, instance)
    if fleet.key in signer.earlier and str(signer.key) not in fleet.public_keys:
        fleet = await _older(store, clock, signer, fleet)
    if fleet.key != signer.key or fleet.public_keys.get(str(signer.key)) != signer.public:
        known = str(signer.key) in fleet.public_keys and fleet.key != signer.key
        raise Corrupt(
            "the signing key is an earlier key of this fleet"
            if known
            else "the signing key is not a key of this fleet",
            hint="restore the key file that belongs to this database; it lies outside the backups",
        )
    return fleet


async def distrust(store: Store, clock: Clock, fleet: Fleet) -> Fleet:
    """The fleet of a database that a person has restored, in quarantine without other evidence.

    Where the agents' journals were restored with it, nothing outside it may be newer.
    """
    seen = "a person says that this database was restored"
    return await _quarantine(store, clock, fleet, fleet, seen)


async def _older(store: Store, clock: Clock, signer: Signer, fleet: Fleet) -> Fleet:
    """The fleet of a database that is older than its key, in quarantine."""
    seen = f"the signing key {signer.key} is newer than the database, which knows {fleet.key}"
    keyed = msgspec.structs.replace(
        fleet,
        key=signer.key,
        public_keys=fleet.public_keys | {str(signer.key): signer.public},
    )
    return await _quarantine(store, clock, fleet, keyed, seen)


async def _quarantine(store: Store, clock: Clock, before: Fleet, after: Fleet, seen: str) -> Fleet:
    """`after`, in quarantine for what was `seen`, in the place of `before`."""
    now = clock.now()
    after = quarantined(after, (seen,), after.intake, now)
    entry = JournalEntry(
        at=now, kind=EntryKind.ALERT, actor=AUTOMATIC, what=f"the fleet is in quarantine: {seen}"
    )
    changes = Changes(writes=(Write(before=before, after=after),), entries=(entry,))
    (refused,) = await store.commit((changes,))
    if refused:
        raise Unavailable(f"the fleet could not be put into quarantine: {refused}")
    return await fleet_now(store)


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
