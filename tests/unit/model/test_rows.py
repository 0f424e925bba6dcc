"""What identifies a row: its key, whatever else is in it."""

from tests.parts import HOST, VM, record, sighting
from vmuster.model.rows import key_fields


def test_a_row_is_told_by_the_values_of_its_key() -> None:
    assert key_fields(sighting()) == (HOST, VM)
    assert key_fields(record(name="one")) == key_fields(record(name="other")) == (VM,)
