"""Checks of rows, journal and keys, each with one thing that is wrong."""

import msgspec
import pytest

from tests.checkups import ADMIN, DAY, NOW, RECORDS
from tests.unit.server.checkup.worlds import only, place, records, unwell
from vmuster.model.keys import ApiKey, Scope
from vmuster.server.answers.audit import Verdict
from vmuster.server.checkup.keys import KEYS
from vmuster.server.checkup.records import Sealed


def key(**changes: object) -> tuple[ApiKey, ...]:
    return (msgspec.structs.replace(ADMIN, **changes),)


def sealed(**changes: object) -> tuple[Sealed, ...]:
    return (msgspec.structs.replace(RECORDS.sealed[0], **changes),)


def test_healthy_records_are_well() -> None:
    assert unwell(KEYS, records()) == []
    assert unwell(KEYS, records(journal=None)) == []


@pytest.mark.parametrize(
    ("changes", "name", "verdict"),
    [
        ({"jumps": (NOW - 3600,)}, "clock jumps", "warning"),
        ({"unread": ("vm 1 can't be read",)}, "rows", "failed"),
        ({"journal": Verdict(sound=False, what="entry 3 is another")}, "journal", "failed"),
        ({"fits": False}, "fleet's key", "failed"),
        ({"sealed": sealed(trouble="another key")}, "sealed secrets", "failed"),
        ({"sealed": sealed(ends=NOW + 29 * DAY)}, "certificates to hosts", "warning"),
        ({"sealed": sealed(ends=NOW - 1)}, "certificates to hosts", "failed"),
        ({"keys": key(digest="1" * 64)}, "operator's key", "warning"),
        ({"keys": key(expires_at=NOW + 13 * DAY)}, "ends of API keys", "warning"),
        ({"keys": key(expires_at=NOW)}, "ends of API keys", "warning"),
        ({"keys": key(last_used_at=None)}, "unused API keys", "warning"),
        ({"keys": key(created_at=NOW - 366 * DAY)}, "old admin keys", "warning"),
    ],
    ids=str,
)
def test_one_thing_is_wrong(changes: dict[str, object], name: str, verdict: str) -> None:
    assert only(KEYS, records(**changes)) == (name, verdict)


@pytest.mark.parametrize(
    "changes",
    [
        {"jumps": (NOW - 2 * DAY,)},
        {"keys": (), "place": place(operator="")},
        {"sealed": sealed(ends=None)},
        {"keys": key(expires_at=NOW + 15 * DAY)},
        {"keys": key(last_used_at=None, created_at=NOW - DAY)},
        {"keys": key(scope=Scope.READ, created_at=NOW - 366 * DAY)},
    ],
    ids=str,
)
def test_what_is_no_fault(changes: dict[str, object]) -> None:
    assert unwell(KEYS, records(**changes)) == []


def test_a_database_that_soon_fills_its_disk() -> None:
    """It has 500 GiB after 500 days, and 20 are left."""
    full = place(database={"bytes": 500 << 30, "free": 20 << 30})
    assert only(KEYS, records(place=full)) == ("growth", "warning")
