"""The checkout, as the tidiness tests read it."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "vmuster"
BENCH = ROOT / "bench"
TESTS = ROOT / "tests"

_NOT_OURS = {
    ".git",
    ".venv",
    ".bench",
    "__pycache__",
    "dist",
    "mutants",
    ".hypothesis",
    ".import_linter_cache",
    ".pytest_cache",
    ".ruff_cache",
}


def files(start: Path = ROOT, suffix: str = "") -> list[Path]:
    """Every file of ours under `start` whose name ends in `suffix`, sorted."""
    return sorted(path for path in _walk(start) if path.name.endswith(suffix))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _NOT_OURS:
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def shown(path: Path) -> str:
    """`path` as people write it: from the root of the checkout."""
    return path.relative_to(ROOT).as_posix()


def called(node: ast.Call) -> str:
    """The last name of what is called: `b` for `a.b()`."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
