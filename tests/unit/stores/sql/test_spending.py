"""Orphans and automatic acts are counted for many hosts by one question each."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, insert

from tests.conformance.stores.rows import cluster, named_row, other_host, start, stop
from tests.parts import CLUSTER, NOW, OTHER, host, sighting
from vmuster.model.automation import Spent
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.states import Standing
from vmuster.stores.sql.spending import Acts, count_orphans
from vmuster.stores.sql.tables import METADATA, TABLES

FAR = other_host(id=HostId("far"), name="far", cluster=ClusterName("away"))


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    away = cluster(name=FAR.cluster)
    with engine.connect() as opened:
        for row in (
            *(cluster(), away, host(), other_host(), FAR),
            *(stop(1), stop(2, host=OTHER), stop(3, host=HostId("gone")), start(4, host=FAR.id)),
            *(stop(5, automatic=False), stop(6, created_at=NOW - 1)),
            sighting(standing=Standing.ORPHAN),
            sighting(host=OTHER, standing=Standing.ORPHAN),
            sighting(host=FAR.id),
        ):
            guard = {"version": 1} if "version" in row.__struct_fields__ else {}
            opened.execute(insert(TABLES[type(row)]), [named_row(row) | guard])
        yield opened
    engine.dispose()


def test_acts_are_of_a_host_its_cluster_and_the_fleet(connection: Connection) -> None:
    acts = Acts(connection, NOW)
    assert acts.spent(host()) == Spent(host_stops=1, cluster_stops=2, fleet_stops=3, fleet_starts=1)
    assert acts.spent(FAR) == Spent(host_starts=1, cluster_starts=1, fleet_stops=3, fleet_starts=1)


def test_orphans_are_of_the_clusters_that_are_asked_for(connection: Connection) -> None:
    assert count_orphans(connection, [CLUSTER, FAR.cluster]) == {CLUSTER: 2}
    assert count_orphans(connection, [FAR.cluster]) == {}
