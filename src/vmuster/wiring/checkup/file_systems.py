"""Which kind of file system a folder lies on, as Linux says it."""

import re
from pathlib import Path
from typing import Final

_TABLE: Final = Path("/proc/self/mountinfo")
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
_POINT: Final = 4
"""The field of a line that is the mount point; the kind follows the separator, a dash."""


def file_system(folder: Path) -> str:
    """The kind (`ext4`, `nfs4`) of what is mounted there; empty where nobody says so."""
    try:
        lines = _TABLE.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    return kind_of(folder.resolve(), lines)


def kind_of(folder: Path, lines: list[str]) -> str:
    """As `file_system`, by the lines of the table. The last mount on the nearest point counts."""
    found, depth = "", -1
    for line in lines:
        mount, _, filesystem = line.partition(" - ")
        point = Path(_ESCAPED.sub(lambda code: chr(int(code[1], 8)), mount.split(" ")[_POINT]))
        if folder.is_relative_to(point) and len(point.parts) >= depth:
            found, depth = filesystem.partition(" ")[0], len(point.parts)
    return found
