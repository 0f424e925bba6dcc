"""`model` and `reconcile` import nothing but values: no clock, chance, I/O, logging, concurrency.

The import contracts forbid modules by name; this is the other side: what they may import at all.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tidy.tree import PACKAGE, files, parsed, shown

ALLOWED = {
    "base64",
    "bisect",
    "collections",
    "cryptography",
    "dataclasses",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "ipaddress",
    "itertools",
    "json",
    "math",
    "msgspec",
    "operator",
    "re",
    "string",
    "struct",
    "types",
    "typing",
    "unicodedata",
    "uuid",
    "vmuster",
}
REACHING_CALLS = {"open", "print", "input", "uuid1", "uuid4", "urandom", "eval", "exec"}

pure_files = [*files(PACKAGE / "model", ".py"), *files(PACKAGE / "reconcile", ".py")]


def imported(tree: ast.AST) -> Iterator[str]:
    """The first names of all modules that are imported anywhere in `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def calls(tree: ast.AST) -> Iterator[str]:
    """The names of all builtins and imported functions that are called plainly, as `name(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


@pytest.mark.parametrize("path", pure_files, ids=shown)
def test_only_values_are_imported(path: Path) -> None:
    assert set(imported(parsed(path))) - ALLOWED == set()


@pytest.mark.parametrize("path", pure_files, ids=shown)
def test_nothing_reaches_for_the_world(path: Path) -> None:
    assert set(calls(parsed(path))) & REACHING_CALLS == set()
    coroutines = [n for n in ast.walk(parsed(path)) if isinstance(n, ast.AsyncFunctionDef)]
    assert coroutines == []


def test_an_import_inside_a_function_is_found() -> None:
    assert list(imported(ast.parse("def f():\n    import os.path\n"))) == ["os"]
