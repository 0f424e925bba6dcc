"""Route of the journal."""

import httpx2
import pytest

from tests.doors import Door, at_door
from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.changes import Changes
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry


def test_the_newest_entry_comes_first(world: Served, alpha: Host, http: httpx2.Client) -> None:
    vm = world.ours(alpha, "told")
    entries = http.get("journal").json()["items"]
    assert [entry["id"] for entry in entries] == sorted(
        (entry["id"] for entry in entries), reverse=True
    )
    about = http.get("journal", params={"vm": "told"}).json()["items"]
    assert {entry["vm"] for entry in about} == {str(vm)}
    assert {"decision", "request", "result"} <= {entry["kind"] for entry in about}
    assert len(http.get("journal", params={"limit": 2}).json()["items"]) == 2


def test_a_host_has_its_own(world: Served, alpha: Host, http: httpx2.Client) -> None:
    entries = http.get("journal", params={"host": "alpha"}).json()["items"]
    assert {entry["host"] for entry in entries} == {alpha.id}


def test_who_is_unknown_is_not_found(http: httpx2.Client) -> None:
    problem(http.get("journal", params={"vm": "nobody\x00/.."}), 404)
    problem(http.get("journal", params={"host": "nowhere"}), 404)


@pytest.mark.parametrize("at", [1795359600.1234567, 1795359600.1234561, 1795359600.5])
def test_it_is_read_back_to_an_entry_by_that_entry_s_own_time(at: float) -> None:
    async def act(door: Door) -> tuple[list[str], list[str]]:
        for moment, what in ((at - 1e-5, "before"), (at, "then"), (at + 1, "later")):
            entry = JournalEntry(at=moment, kind=EntryKind.AUDIT, actor="ann", what=what)
            assert await door.parts.store.commit([Changes(entries=(entry,))]) == [""]
        said = (await door.ask("GET", "journal?actor=ann")).json()["items"][:3]
        since = next(each["at"] for each in said if each["what"] == "then")
        read = (await door.ask("GET", f"journal?since={since}")).json()["items"]
        return [each["what"] for each in said], [each["what"] for each in read]

    said, read = at_door(act)
    assert (said, read) == (["later", "then", "before"], ["later", "then"])
