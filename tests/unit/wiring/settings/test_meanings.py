"""What stands below a field is what it means."""

import inspect

import pytest

from vmuster.wiring.settings.meanings import meanings


class Table:
    """Not a field's."""

    one: int = 1
    """The first
    of them."""
    silent: int = 2
    two: int = 3
    """The second."""


def test_a_field_means_what_stands_below_it() -> None:
    assert meanings(Table) == {"one": "The first of them.", "two": "The second."}


def test_without_source_there_are_no_meanings(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_kind: type) -> str:
        raise OSError("source code not available")

    monkeypatch.setattr(inspect, "getsource", gone)
    assert meanings(Table) == {}
