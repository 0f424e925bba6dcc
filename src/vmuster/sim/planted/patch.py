"""A patch: one attribute of the shipped code, and what stands in its place for a while.

The shipped code has no switches. What is patched must be where the patch says, or nothing runs:
a bug that is planted nowhere would be found nowhere, and its finding would go on being told.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any, cast

import msgspec


class Misplaced(Exception):
    """What was to be patched is not where the patch says, or not as it was."""


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """`target`: "package.module:name", or "package.module:Class.name", in the module that uses it.
    `make`: from what stands there now to what stands there instead."""

    target: str
    make: Callable[[Any], Any]


@contextmanager
def applied(patches: Iterable[Patch]) -> Generator[None]:
    """All of these patches, in their order, until the end. Raises `Misplaced`, and changes nothing,
    where one of them has no target."""
    with ExitStack() as undone:
        for patch in patches:
            undone.enter_context(_one(patch))
        yield


@contextmanager
def _one(patch: Patch) -> Generator[None]:
    owner, name = place(patch.target)
    before = _attributes(owner)[name]
    setattr(owner, name, patch.make(before))
    try:
        yield
    finally:
        setattr(owner, name, before)


def place(target: str) -> tuple[Any, str]:
    """The module or class that a target is an attribute of itself, and the attribute's name."""
    module, _, path = target.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for each in owners:
        owner = _attributes(owner).get(each)
    if owner is None or name not in _attributes(owner):
        raise Misplaced(f"{target}: there is no such attribute")
    return owner, name


def _attributes(owner: Any) -> dict[str, Any]:
    """What a module or a class has of its own."""
    return dict[str, Any](owner.__dict__)


def patch(target: str, make: Callable[[Any], Any]) -> Patch:
    """What `make` makes of what stands there."""
    return Patch(target=target, make=make)


def instead(target: str, other: Any) -> Patch:
    """Something that does not ask what stood there."""
    return Patch(target=target, make=lambda _before: other)


def says(target: str, answer: object) -> Patch:
    """A function that gives this answer, whatever it is asked."""

    def answered(*_args: object, **_named: object) -> object:
        return answer

    return instead(target, answered)


def says_async(target: str, answer: object) -> Patch:
    """A coroutine function that gives this answer, whatever it is asked."""

    async def answered(*_args: object, **_named: object) -> object:
        return answer

    return instead(target, answered)


def without(target: str, *reasons: str) -> Patch:
    """A table of checks, or a table of such tables, without the checks that give these reasons."""

    def rest(checks: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(check for check in checks if check.reason not in reasons)

    def make(table: Any) -> Any:
        tables = cast("dict[Any, Any]", table) if isinstance(table, dict) else {"": table}
        known = {check.reason for checks in tables.values() for check in checks}
        if missing := set(reasons) - known:
            raise Misplaced(f"{target}: no check says {', '.join(sorted(missing))}")
        left = {kind: rest(checks) for kind, checks in tables.items()}
        return left if tables is table else left[""]

    return Patch(target=target, make=make)


def without_rows(target: str, words: str, said: Callable[[Any], str], *, count: int) -> Patch:
    """A table of rows without those of which `said` says something with these words in it; there
    must be just so many."""

    def make(table: Any) -> Any:
        rest = tuple(row for row in table if words not in said(row))
        if len(rest) != len(table) - count:
            raise Misplaced(f"{target}: {len(table) - len(rest)} rows say {words}, not {count}")
        return rest

    return Patch(target=target, make=make)
