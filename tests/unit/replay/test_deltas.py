"""What changed is told, and makes the one of the other."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.model.errors import Corrupt
from vmuster.replay.deltas import change, delta

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text("ab", max_size=2), PLAIN, max_size=4)


def copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


@given(DOCUMENTS, DOCUMENTS)
def test_the_changes_make_one_document_of_the_other(before: Any, after: Any) -> None:
    made = copy(before)
    change(made, copy(list(delta(before, after))))
    assert made == after


def test_what_is_the_same_is_not_said() -> None:
    document = {"a": {"b": [1, {"c": 2}]}, "d": None}
    assert list(delta(document, copy(document))) == []


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        ({"a": {"b": [1, {"c": 3}]}, "d": 1}, [[["a", "b", 1, "c"], 3]]),
        ({"a": {"b": [1]}, "d": 1}, [[["a", "b"], [1]]]),
        ({"a": {"b": [1, {"c": 2}], "e": None}, "d": 1}, [[["a", "e"], None]]),
        ({"a": {"b": [1, {"c": 2}]}}, [[["d"]]]),
        ({"a": 1, "d": 1}, [[["a"], 1]]),
    ],
    ids=["deep in a list", "a list that is shorter", "a new key", "gone", "of another kind"],
)
def test_a_change_is_as_small_as_it_can_be(after: Any, changes: Any) -> None:
    assert list(delta({"a": {"b": [1, {"c": 2}]}, "d": 1}, after)) == changes


def test_what_is_gone_is_said_in_the_order_in_which_it_was() -> None:
    before = dict.fromkeys("qwertyuiopasdfghjkl", 0)
    assert [path for ((*_, path),) in delta(before, {})] == list(before)


BAD: list[Any] = [
    *([[["b", "c"], 1]], [[["a", 7], 1]], [[["b"]]], [[["a"], 1, 2]]),
    *([[[], 1]], [[]], [7], [None]),
]


@pytest.mark.parametrize("bad", BAD)
def test_what_does_not_fit_is_corrupt(bad: Any) -> None:
    with pytest.raises(Corrupt):
        change({"a": [1]}, bad)
