"""Untrusted text: bounded, and shown so that it can neither hide nor pose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.model.text import (
    NAME_CHARACTERS_MAX,
    WORDS_CHARACTERS_MAX,
    bounded,
    listed,
    safe,
    visible,
)

any_text = st.text(st.characters(), max_size=40)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("web-01", "web-01"),
        ("Windows 7 (32-bit) (1)", "Windows 7 (32-bit) (1)"),
        ("虚拟机-1", "虚拟机-1"),
        ("a\nb", "a\\nb"),
        ("a\x00b\x1b[31m", "a\\x00b\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\u2028b", "a\\u2028b"),
        ("a\ud800b", "a\\ud800b"),
        ("é", "é"),
        ("", ""),
    ],
)
def test_what_hides_or_moves_others_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(any_text)
def test_what_is_shown_stays_on_one_line_and_can_be_encoded(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert visible(shown) == shown


@given(any_text, st.integers(1, 50))
def test_a_cut_is_bounded_and_marked(text: str, most: int) -> None:
    cut = bounded(text, most)
    assert len(cut) <= most
    assert cut == text or (cut[-1] == "…" and text.startswith(cut[:-1]))
    assert (cut == text) is (len(text) <= most)


def test_a_name_has_a_bound_of_its_own() -> None:
    assert len(bounded("a" * 10**6)) == NAME_CHARACTERS_MAX


def test_words_of_an_agent_are_bounded_and_visible() -> None:
    assert safe("\x1b" + "A" * 10_000).startswith("\\x1bAAA")
    assert len(safe("A" * 10_000)) == WORDS_CHARACTERS_MAX


def test_of_many_the_first_are_named() -> None:
    assert listed([]) == ""
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(n) for n in range(5)]) == "0, 1, 2, 3, 4"
    assert listed([str(n) for n in range(7)]) == "0, 1, 2, 3, 4 and 2 more"
