"""What identifies a row, and where it stands among others, whatever else is in it."""

from tests.parts import HOST, VM, record, sighting
from vmuster.model.rows import KEYS, ORDER, key_fields, row_place


def test_a_row_is_told_by_the_values_of_its_key() -> None:
    assert key_fields(sighting()) == (HOST, VM)
    assert key_fields(record(name="one")) == key_fields(record(name="other")) == (VM,)


def test_a_row_stands_where_its_order_says() -> None:
    assert row_place(sighting()) == (HOST, VM)
    assert ORDER.keys() == KEYS.keys()
    assert {kind.__name__ for kind in KEYS if ORDER[kind] != KEYS[kind]} == {
        "Host",
        "Operation",
        "OutboxCommand",
        "RequestAnswer",
    }
