"""A file has one role and stays small, and so does a function."""

import ast
from pathlib import Path

import pytest

from tests.tidy.tree import PACKAGE, files, parsed, shown

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
FROZEN_LISTS = PACKAGE / "stores" / "migrations" / "versions"
"""A migration is one long list of steps, and is never touched again once it is released."""
BANNED_NAMES = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def function_lines(function: Function) -> int:
    """How many lines it has, from `def` on, its docstring left out."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    match function.body[0]:
        case ast.Expr(value=ast.Constant(value=str())) as docstring:
            return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1)
        case _:
            return lines


@pytest.mark.parametrize("path", files(suffix=".py"), ids=shown)
def test_a_file_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES_MAX


@pytest.mark.parametrize(
    "path", [path for path in files(suffix=".py") if path.parent != FROZEN_LISTS], ids=shown
)
def test_a_function_has_at_most_50_lines(path: Path) -> None:
    long = {
        function.name: function_lines(function)
        for function in ast.walk(parsed(path))
        if isinstance(function, Function) and function_lines(function) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_a_docstring_does_not_count() -> None:
    source = 'def one():\n    """Says\n\n    much."""\n    return 1\n'
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert function_lines(function) == 2


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = [
        shown(path)
        for path in files(suffix=".py")
        if BANNED_NAMES & {path.stem, *path.stem.split("_"), path.parent.name}
    ]
    assert drawers == []
