"""Checks of the state folder, each with one thing that is wrong."""

import pytest

from tests.checkups import DAY, NOW
from tests.unit.server.checkup.worlds import only, place, unwell
from vmuster.server.checkup.folder import FOLDER
from vmuster.server.checkup.place import Backup, Certificate, File


def certificate(days: float, *, own: bool) -> tuple[Certificate, ...]:
    return (Certificate(name="server.pem", ends=NOW + days * DAY, own=own),)


def test_a_healthy_folder_is_well() -> None:
    assert unwell(FOLDER, place()) == []


@pytest.mark.parametrize(
    ("changes", "name", "verdict"),
    [
        (
            {"files": (File(name="keys/signing.key", others=True, owned=True, secret=True),)},
            "permissions",
            "failed",
        ),
        (
            {"files": (File(name="", others=True, owned=True, secret=False),)},
            "permissions",
            "warning",
        ),
        (
            {"files": (File(name="vmuster.db", others=False, owned=False, secret=True),)},
            "owner",
            "failed",
        ),
        ({"unfinished": True}, "leftovers", "warning"),
        ({"leftovers": 2}, "leftovers", "warning"),
        ({"backup": None}, "backup", "warning"),
        ({"backup": Backup(at=NOW - 8 * DAY, file="old.db")}, "backup", "warning"),
        ({"database": {"there": False}}, "integrity", "failed"),
        ({"database": {"trouble": "the database is damaged"}}, "integrity", "failed"),
        ({"database": {"revision": "0001"}}, "schema", "warning"),
        ({"database": {"wal_bytes": 1 << 30}}, "log", "warning"),
        ({"database": {"file_system": "nfs4"}}, "durability", "failed"),
        ({"database": {"file_system": "fuse.sshfs"}}, "durability", "failed"),
        ({"database": {"file_system": "tmpfs"}}, "durability", "warning"),
        ({"signing": "the signing key is not there"}, "signing key", "failed"),
        ({"sealing": "others can read it"}, "sealing key", "failed"),
        ({"certificates_trouble": "they do not fit"}, "certificates", "failed"),
        ({"certificates": certificate(29, own=False)}, "certificates", "warning"),
        ({"certificates": certificate(14, own=True)}, "certificates", "warning"),
        ({"certificates": certificate(0, own=True)}, "certificates", "failed"),
    ],
    ids=str,
)
def test_one_thing_is_wrong(changes: dict[str, object], name: str, verdict: str) -> None:
    assert only(FOLDER, place(**changes)) == (name, verdict)


@pytest.mark.parametrize(
    "changes",
    [
        {"certificates": certificate(20, own=True)},
        {"certificates": certificate(31, own=False)},
        {"certificates": ()},
        {"backup": Backup(at=NOW - 6 * DAY, file="new.db")},
        {"database": {"file_system": ""}},
    ],
    ids=str,
)
def test_what_is_no_fault(changes: dict[str, object]) -> None:
    assert unwell(FOLDER, place(**changes)) == []
