"""The table of kinds is consistent in itself."""

from uuid import UUID

import msgspec
import pytest

from tests.parts import HOST, VM, record, sighting
from vmuster.model.changes import Guarded
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Fleet, Host
from vmuster.model.operations import Operation
from vmuster.model.rows import KEYS, ORDER
from vmuster.model.states import PowerState
from vmuster.model.vm import Sighting, VmRecord
from vmuster.stores.kinds import (
    KINDS,
    check_findable,
    check_place,
    findable,
    is_text,
    key_of,
    one_of,
    plain,
)


def test_every_guarded_row_is_of_a_kind_and_has_a_version() -> None:
    for kind in Guarded.__args__:
        assert kind in KINDS
        assert "version" in findable(kind)


@pytest.mark.parametrize("kind", list(KINDS))
def test_keys_orders_and_nested_fields_are_fields(kind: type[msgspec.Struct]) -> None:
    entry = KINDS[kind]
    fields = set(kind.__struct_fields__)
    assert fields >= {*KEYS[kind], *ORDER[kind]} | entry.nested
    assert set(KEYS[kind]) <= findable(kind)


def test_every_kind_of_row_is_known_by_its_key() -> None:
    assert KEYS.keys() == ORDER.keys() == KINDS.keys()


def test_what_holds_a_row_names_it_in_a_field_that_can_be_asked_for() -> None:
    holders = [holder for entry in KINDS.values() for holder in entry.holders]
    assert {holder.kind for holder in holders} == {Host, VmRecord, Operation, OutboxCommand}
    for holder in holders:
        assert holder.field in findable(holder.kind)


def test_what_is_no_scalar_can_not_be_asked_for() -> None:
    check_findable(Host, frozenset({"name", "uuid"}))
    with pytest.raises(ValueError, match="facts, nothing"):
        check_findable(Host, frozenset({"name", "facts", "nothing"}))


def test_a_place_has_all_the_parts_of_its_order() -> None:
    for place in ((), (HOST, VM)):
        check_place(Sighting, place)
    for place in ((HOST,), (HOST, VM, 1), (HOST, "\ud800")):
        with pytest.raises(ValueError, match="host and uuid"):
            check_place(Sighting, place)


def test_one_value_is_a_set_of_one() -> None:
    assert one_of("a") == {"a"}
    assert one_of(None) == {None}
    assert one_of(frozenset({"a", None})) == {"a", None}


def test_a_key_is_plain_text() -> None:
    assert key_of(sighting()) == (HOST, str(VM))
    assert KEYS[Fleet] == ()


def test_uuids_are_lower_case_text_that_sorts_as_they_do() -> None:
    uuids = [UUID(int=n) for n in (0, 9, 10, 255, 1 << 64, 0xABCDEF << 100)]
    texts = [plain(uuid) for uuid in uuids]
    assert texts == sorted(texts)
    assert all(len(text) == 36 and text == text.lower() for text in texts)
    assert plain(PowerState.RUNNING) == "running"


@pytest.mark.parametrize("value", ["", "\0", "\U0001f600", "\ud7ff\ue000", 5, None])
def test_text_that_a_database_can_hold(value: object) -> None:
    assert is_text(value)


@pytest.mark.parametrize("value", ["\ud800", "a\udfffb"])
def test_text_that_none_can_hold(value: object) -> None:
    assert not is_text(value)


def test_only_live_records_compete_for_a_name() -> None:
    (rule,) = KINDS[VmRecord].unique
    assert rule.among(record())
    assert not rule.among(record(removed_at=1.0))
