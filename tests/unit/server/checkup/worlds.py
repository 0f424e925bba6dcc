"""One thing broken in an otherwise healthy installation: which check says so."""

from collections.abc import Iterable
from typing import Any

import msgspec

from tests.checkups import PLACE, RECORDS
from vmuster.server.checkup.checks import Check, Checked, checked
from vmuster.server.checkup.place import Place
from vmuster.server.checkup.records import Records


def place(**changes: object) -> Place:
    """A healthy place, changed; a dict changes a part of it."""
    parts = {
        name: msgspec.structs.replace(getattr(PLACE, name), **value)
        if isinstance(value, dict)
        else value
        for name, value in changes.items()
    }
    return msgspec.structs.replace(PLACE, **parts)


def records(**changes: object) -> Records:
    """Healthy records, changed."""
    return msgspec.structs.replace(RECORDS, **changes)


def unwell(table: Iterable[Check[Any]], facts: object) -> list[Checked]:
    """The checks that are not content."""
    return [said for said in checked(table, facts) if said.verdict != "ok"]


def only(table: Iterable[Check[Any]], facts: object) -> tuple[str, str]:
    """The one check that is not content, and its verdict; it says how to mend it."""
    (said,) = unwell(table, facts)
    assert said.mend
    return said.name, said.verdict
