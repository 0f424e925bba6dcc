"""Values that allow a deed have one maker each (L1): read from the source, not trusted."""

import ast

import pytest

from tests.tidy.tree import PACKAGE, called, files, parsed

MAKERS = {
    "OwnershipProof": "reconcile/ownership.py",
    "HomeClearance": "reconcile/ownership.py",
    "FenceProof": "reconcile/ownership.py",
    "StopPermit": "agent/guard.py",
    "StartPermit": "agent/guard.py",
    "MarkPermit": "agent/guard.py",
    "UnmarkPermit": "agent/guard.py",
}

LEAKS = {"replace", "convert", "__new__", "force_setattr"}
"""Ways to get a value of a type without calling it; none may be aimed at a proof."""


def constructed_in(name: str) -> set[str]:
    """The files under src/vmuster that make a `name`, whatever they call it on import."""
    found: set[str] = set()
    for path in files(PACKAGE, ".py"):
        tree = parsed(path)
        aliases = {name} | {
            alias.asname
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if alias.name == name and alias.asname
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (
                called(node) in aliases or (called(node) in LEAKS and _mentions(node, aliases))
            ):
                found.add(path.relative_to(PACKAGE).as_posix())
    return found


def _mentions(call: ast.Call, names: set[str]) -> bool:
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(
        isinstance(node, ast.Name) and node.id in names
        for argument in arguments
        for node in ast.walk(argument)
    )


@pytest.mark.parametrize(("name", "maker"), MAKERS.items())
def test_it_is_made_in_one_place(name: str, maker: str) -> None:
    assert constructed_in(name) <= {maker}


@pytest.mark.parametrize("name", ["OwnershipProof", "StopPermit"])
def test_its_maker_is_found(name: str) -> None:
    assert constructed_in(name) == {MAKERS[name]}
