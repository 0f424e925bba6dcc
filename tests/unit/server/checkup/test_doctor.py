"""The doctor of a server: every check once, by what it is about."""

import pytest

from tests.checkups import PLACE, RECORDS, HandSurroundings
from tests.outside import HandSealer
from tests.servers import bench
from tests.unit.server.checkup.worlds import place
from vmuster.server.checkup.doctor import Doctor, examined


@pytest.mark.anyio
async def test_it_looks_at_everything() -> None:
    parts, around = await bench(), HandSurroundings()
    doctor = Doctor(parts.context, HandSealer(), around)
    said = await doctor.examine(deep=True)
    assert (said.running, said.deep, around.deep) == (True, True, True)
    names = [(check.about, check.name) for check in said.checks]
    assert len(names) == len(set(names))
    assert {about for about, _ in names} >= {"machine", "state", "database", "keys", "hosts", "VMs"}
    assert [check.name for check in said.checks if check.verdict == "failed"] == []
    around.place = place(signing="it is gone")
    (bad,) = [check for check in (await doctor.examine(deep=False)).checks if "gone" in check.found]
    assert (bad.verdict, bad.name) == ("failed", "signing key")


def test_without_a_server_nothing_is_said_of_hosts() -> None:
    said = examined(PLACE, RECORDS, running=False, deep=False).checks
    assert "hosts" not in {check.about for check in said}
    assert "old admin keys" in {check.name for check in said}
    alone = examined(PLACE, None, running=False, deep=False).checks
    assert "old admin keys" not in {check.name for check in alone}


def test_checks_of_one_thing_stand_together() -> None:
    said = [check.about for check in examined(PLACE, RECORDS, running=True, deep=False).checks]
    assert len(set(said)) == sum(
        1 for n, about in enumerate(said) if n == 0 or said[n - 1] != about
    )
