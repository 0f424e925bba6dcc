"""Untrusted text: bounded, lossless up to the bound, and shown so that it cannot deceive."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.model.text import NAME_CHARACTERS_MAX, bounded, visible

any_text = st.text(st.characters())


def test_a_name_that_fits_is_kept_as_it_is() -> None:
    name = "x" * NAME_CHARACTERS_MAX
    assert bounded(name) == name


def test_a_longer_name_is_cut_and_says_so() -> None:
    cut = bounded("x" * (NAME_CHARACTERS_MAX + 1))
    assert len(cut) == NAME_CHARACTERS_MAX
    assert cut.endswith("x…")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Windows 7 (32-bit) (1)", "Windows 7 (32-bit) (1)"),
        ("größe 虚拟", "größe 虚拟"),
        ("a\nb", "a\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("abc\u202etxt", "abc\\u202etxt"),
        ("a\u200bb", "a\\u200bb"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_hides_or_reorders_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(any_text)
def test_shown_text_holds_one_line_and_can_be_encoded(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in shown)


@given(any_text)
def test_no_text_grows_beyond_the_bound(text: str) -> None:
    assert len(bounded(text, 10)) <= 10
