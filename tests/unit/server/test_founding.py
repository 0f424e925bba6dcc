"""A fleet is founded once, and no other key than its own signs for it."""

from collections.abc import Sequence

import pytest

from tests.clocks import HandClock
from tests.outside import new_signer
from vmuster.model.changes import Changes
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.host import Cluster, Fleet
from vmuster.model.policy import Policy
from vmuster.server.founding import distrust, found
from vmuster.server.secrets.signing import Signer
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def test_the_first_start_makes_a_fleet_and_a_harmless_cluster() -> None:
    store, signer = MemoryStore(), new_signer()
    fleet = await found(store, HandClock(), signer, "VM")
    assert (fleet.instance, fleet.key) == ("VM", signer.key)
    assert fleet.public_keys == {str(signer.key): signer.public}
    assert await store.get(Fleet) == fleet
    (cluster,) = await store.find(Cluster)
    assert (cluster.name, cluster.policy, cluster.grant) == ("default", Policy(), None)


async def test_every_later_start_finds_the_same_fleet() -> None:
    store, signer = MemoryStore(), new_signer()
    first = await found(store, HandClock(), signer, "VM")
    again = await found(store, HandClock(5.0), signer, "OTHER")
    assert again == first


async def test_a_key_that_the_fleet_does_not_know_is_refused() -> None:
    store, signer = MemoryStore(), new_signer()
    await found(store, HandClock(), signer, "VM")
    impostor = Signer(signer.key, bytes(32))
    for other in (new_signer(), impostor):
        with pytest.raises(Corrupt) as error:
            await found(store, HandClock(), other, "VM")
        assert "restore the key file" in error.value.hint


class Full(MemoryStore):
    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        return ["the disk is full"] * len(changes)


async def test_a_fleet_that_could_not_be_written_down_is_no_fleet() -> None:
    with pytest.raises(Unavailable, match="disk is full"):
        await found(Full(), HandClock(), new_signer(), "VM")


async def test_a_key_that_took_the_databases_place_says_that_it_is_the_older_one() -> None:
    store, first = MemoryStore(), new_signer()
    founded = await found(store, HandClock(), first, "VM")
    between = new_signer(first.key)
    newest = new_signer(first.key, between.key)
    fleet = await found(store, HandClock(), newest, "VM")
    assert fleet.quarantine is not None
    assert str(first.key) in fleet.quarantine.evidence[0]
    assert fleet.quarantine.highest >= founded.intake
    assert fleet.key == newest.key
    assert set(fleet.public_keys) == {str(first.key), str(newest.key)}
    again = await found(store, HandClock(5.0), newest, "VM")
    assert again == fleet
    with pytest.raises(Corrupt, match="an earlier key"):
        await found(store, HandClock(), first, "VM")


async def test_a_database_that_a_person_restored_is_in_quarantine_without_any_evidence() -> None:
    store = MemoryStore()
    fleet = await found(store, HandClock(), new_signer(), "VM")
    after = await distrust(store, HandClock(7.0), fleet)
    assert after.quarantine is not None
    assert "a person says" in after.quarantine.evidence[0]
    assert (after.key, after.public_keys) == (fleet.key, fleet.public_keys)
    assert await store.get(Fleet) == after
