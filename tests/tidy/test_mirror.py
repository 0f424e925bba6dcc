"""Each module has its tests where one looks for them: `a/b.py` in `tests/unit/a/test_b.py`.

So do the benches, in `tests/unit/bench`.
"""

import ast
from pathlib import Path

import pytest

from tests.tidy.tree import BENCH, PACKAGE, ROOT, TESTS, files, parsed, shown

TESTED_ELSEWHERE: dict[str, str] = {
    "ports/driver.py": "declarations, but for the fields of an error; tests/conformance uses them",
    "demo/__main__.py": "tests/system/real/test_demo.py plays the whole demo, and interrupts one",
    "demo/scene.py": "as demo/__main__.py",
    "demo/stage.py": "as demo/__main__.py",
    "demo/story.py": "as demo/__main__.py",
    "bench/nova_sync.py": "it names what is only in Nova's own environment: ./dev bench nova",
}
"""Module: where its tests are, and why there."""


def does_something(path: Path) -> bool:
    """Whether a module has code of its own, and not only declarations of what there is."""
    protocols = {
        function
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and _is_protocol(node)
        for function in ast.walk(node)
    }
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node not in protocols
        for node in ast.walk(parsed(path))
    )


def _is_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def expected_test(path: Path) -> Path:
    """Where the tests of a module of ours belong."""
    inside = _inside(path)
    stem = inside.parent.name if path.stem == "__init__" else path.stem.strip("_")
    return TESTS / "unit" / inside.parent / f"test_{stem}.py"


def _inside(path: Path) -> Path:
    """A module as it is called in its package; one of the benches, in the checkout."""
    return path.relative_to(ROOT if path.is_relative_to(BENCH) else PACKAGE)


working = [path for top in (PACKAGE, BENCH) for path in files(top, ".py") if does_something(path)]


@pytest.mark.parametrize("path", working, ids=shown)
def test_a_module_has_its_tests(path: Path) -> None:
    elsewhere = _inside(path).as_posix() in TESTED_ELSEWHERE
    assert elsewhere or expected_test(path).is_file()


def test_no_exemption_is_stale() -> None:
    tested = {_inside(path).as_posix(): expected_test(path).is_file() for path in working}
    assert [name for name in TESTED_ELSEWHERE if tested.get(name, True)] == []
