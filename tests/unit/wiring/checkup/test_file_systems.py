"""Which file system a folder lies on: the nearest mount, and the last one there."""

from pathlib import Path

import pytest

from vmuster.wiring.checkup import file_systems
from vmuster.wiring.checkup.file_systems import file_system, kind_of

LINES = [
    "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
    "22 21 0:20 / /run rw - tmpfs tmpfs rw",
    "23 21 0:40 / /srv/state rw shared:7 master:1 - nfs4 filer:/state rw",
    r"24 21 0:41 / /srv/my\040state rw - xfs /dev/sdb rw",
    "25 22 0:42 / /run rw - ramfs ramfs rw",
]


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/vmuster", "ext4"),
        ("/srv/state", "nfs4"),
        ("/srv/state/deep", "nfs4"),
        ("/srv/statement", "ext4"),
        ("/srv/my state", "xfs"),
        ("/run/vmuster", "ramfs"),
    ],
)
def test_the_nearest_mount_counts(folder: str, kind: str) -> None:
    assert kind_of(Path(folder), LINES) == kind


def test_a_system_without_such_a_table_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_systems, "_TABLE", tmp_path / "nowhere")
    assert file_system(tmp_path) == ""
    table = tmp_path / "table"
    table.write_text("\n".join(LINES))
    monkeypatch.setattr(file_systems, "_TABLE", table)
    assert file_system(tmp_path) == "ext4"
