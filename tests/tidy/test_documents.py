"""What is written down holds: links lead somewhere, and no file tells where it was made."""

import re
from pathlib import Path

import pytest

from tests.tidy.tree import PACKAGE, ROOT, files, shown

TEXT_SUFFIXES = {"", ".cfg", ".ini", ".json", ".jsonl", ".lock", ".md", ".py", ".pyi", ".toml"}
RECORDED_DATA = ROOT / "tests" / "data"

MACHINE_PATH = re.compile(r"(?<![\w.<>{}/-])/(?:home|root|tmp|work|Users)/\w")
REGISTRY = re.compile(
    r"--(?:extra-)?index-url|\bindex-url\s*=|files\.pythonhosted\.org|/simple/|registry\.npmjs",
    re.IGNORECASE,
)
LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
MODULE = re.compile(r"`((?:[a-z_]+/)+[a-z_]+\.py)`")
WORLD = ("http://", "https://", "mailto:")

texts = [
    path
    for path in files()
    if path.suffix in TEXT_SUFFIXES and RECORDED_DATA not in path.parents and path != Path(__file__)
]


def anchor(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown."""
    kept = "".join(letter for letter in heading.lower() if letter.isalnum() or letter in " -_")
    return kept.strip().replace(" ", "-")


def anchors(document: Path) -> set[str]:
    lines = document.read_text(encoding="utf-8").splitlines()
    return {anchor(line.lstrip("#")) for line in lines if line.startswith("#")}


@pytest.mark.parametrize("path", texts, ids=shown)
def test_no_file_tells_where_it_was_made(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [match[0] for match in MACHINE_PATH.finditer(text)] == []
    assert [match[0] for match in REGISTRY.finditer(text)] == []


@pytest.mark.parametrize("document", files(suffix=".md"), ids=shown)
def test_every_relative_link_resolves(document: Path) -> None:
    prose = CODE.sub("", document.read_text(encoding="utf-8"))
    broken: list[str] = []
    for match in LINK.finditer(prose):
        target = match[1] or match[2]
        if target.startswith(WORLD):
            continue
        place, _, part = target.partition("#")
        linked = (document.parent / place) if place else document
        if not linked.exists() or (part and part not in anchors(linked)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("document", files(suffix=".md"), ids=shown)
def test_every_module_that_is_named_exists(document: Path) -> None:
    named = MODULE.findall(document.read_text(encoding="utf-8"))
    missing = [name for name in named if not any((top / name).exists() for top in (PACKAGE, ROOT))]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("open('/tmp/x')", True),
        ("in /home/ann/vmuster", True),
        ("GET /api/v1/work/1", False),
        ("https://example.org/home/x", False),
        ("under $HOME/work/x", False),
    ],
)
def test_a_path_of_a_machine_is_told_from_others(text: str, found: bool) -> None:
    assert (MACHINE_PATH.search(text) is not None) is found
