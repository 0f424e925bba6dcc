"""Every row is found, however many there are."""

import pytest

from tests.servers import Bench
from vmuster.model.host import Host, LocalProfile
from vmuster.server.paging import find_all

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2100])
async def test_all_rows_are_found(parts: Bench, count: int) -> None:
    cluster = await parts.cluster()
    for number in range(count):
        await parts.estate.add_host(
            name=f"h{number}", profile=LocalProfile(), cluster=cluster, actor="ann"
        )
    assert len(await find_all(parts.store, Host, cluster=cluster.name)) == count
    assert len(await find_all(parts.store, Host, at_first=7, cluster=cluster.name)) == count
