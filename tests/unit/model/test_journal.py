"""A link is over everything an entry says, and over the one before."""

import hashlib
import json
from typing import Any
from uuid import UUID

import msgspec
import pytest

from vmuster.model.ids import ClusterName, CommandId, HostId, OperationId, VmUuid
from vmuster.model.journal import FIRST_LINK, EntryKind, JournalEntry, link

ENTRY = JournalEntry(id=7, at=1.5, kind=EntryKind.AUDIT, actor="ann", what="é", evidence={"n": [1]})
OTHERWISE: dict[str, Any] = {
    "at": 2.5,
    "kind": EntryKind.ALERT,
    "actor": "bob",
    "what": "e",
    "rule": "S5",
    "host": HostId("home"),
    "cluster": ClusterName("default"),
    "vm": VmUuid(UUID(int=1)),
    "name": "i-2-78-VM",
    "operation": OperationId(UUID(int=2)),
    "command": CommandId(UUID(int=3)),
    "evidence": {"n": [2]},
    "id": 8,
}


def test_a_link_can_be_computed_by_anybody() -> None:
    fields = [1.5, "audit", "ann", "é", "", None, None, None, "", None, None, {"n": [1]}, 7]
    text = json.dumps([FIRST_LINK, *fields], ensure_ascii=False, separators=(",", ":"))
    assert link(FIRST_LINK, ENTRY) == hashlib.sha256(text.encode()).hexdigest()


def test_every_field_is_tried() -> None:
    assert {*OTHERWISE, "chain"} == set(JournalEntry.__struct_fields__)


@pytest.mark.parametrize("field", OTHERWISE)
def test_another_value_makes_another_link(field: str) -> None:
    changed = msgspec.structs.replace(ENTRY, **{field: OTHERWISE[field]})
    assert link(FIRST_LINK, changed) != link(FIRST_LINK, ENTRY)


def test_another_entry_before_makes_another_link() -> None:
    assert link("1" * 64, ENTRY) != link(FIRST_LINK, ENTRY)


def test_what_an_entry_says_of_its_own_chain_counts_for_nothing() -> None:
    assert link(FIRST_LINK, msgspec.structs.replace(ENTRY, chain="x")) == link(FIRST_LINK, ENTRY)
