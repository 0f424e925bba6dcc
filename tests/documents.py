"""The commands that the documents show: every block of shell, and the page that it stands on."""

import re
from pathlib import Path
from typing import Final

from tests.tidy.tree import ROOT

_BLOCK: Final = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_REMARK: Final = re.compile(r"\s+# .*$|^\s*#.*$", re.MULTILINE)


def pages() -> list[str]:
    """Every page that shows commands, by its path."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [path.relative_to(ROOT).as_posix() for path in found if blocks(path)]


def blocks(page: str | Path) -> list[str]:
    """The blocks of shell on a page, in their order."""
    return _BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def lines(block: str) -> list[str]:
    """The commands of a block in which each line is one, without remarks."""
    return [line for line in _REMARK.sub("", block).splitlines() if line.strip()]
