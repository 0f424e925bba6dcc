"""A database of before has a place for accounts that are settled, and its VMs are in lists."""

import asyncio
from pathlib import Path
from typing import cast

from tests.conformance.stores.rows import inserted, settled
from tests.conformance.stores.third_schema import ROWS, third_database
from vmuster.model.host import Host
from vmuster.model.settled import Settled
from vmuster.model.vm import VmRecord
from vmuster.ports.store import VmQuery
from vmuster.stores.kinds import KINDS
from vmuster.stores.sql.opening import open_sqlite


def test_every_row_reads_back_equal_and_none_is_settled(tmp_path: Path) -> None:
    async def story() -> None:
        store = open_sqlite(third_database(tmp_path / "vmuster.db"))
        found = [row for kind in KINDS for row in await store.find(cast(type[VmRecord], kind))]
        assert found == [row for kind in KINDS for row in ROWS if type(row) is kind]
        assert await store.commit([inserted(settled())]) == [""]
        assert await store.find(Settled) == [settled(version=1)]
        await store.close()

    asyncio.run(story())


def test_the_vms_of_before_are_in_the_lists_of_their_clusters(tmp_path: Path) -> None:
    async def story() -> None:
        store = open_sqlite(third_database(tmp_path / "vmuster.db"))
        hosts = {host.id: host.cluster for host in await store.find(Host)}
        seen = [row for row in await store.vms(VmQuery()) if row.sighting is not None]
        assert seen
        for row in seen:
            assert row.sighting is not None
            cluster = hosts[row.sighting.host]
            assert row in await store.vms(VmQuery(cluster=cluster))
        await store.close()

    asyncio.run(story())
