"""Ids by their first characters."""

import pytest

from vmuster.cli.asking.speaking import Failed
from vmuster.cli.printing.shortening import whole_id

ONE = "6f4b2d1e-4c8e-4a38-9c3d-5d2b6f0a1100"
TWIN = "6f4b2d1e-4c8e-4a38-9c3d-5d2b6f0a1101"
OTHER = "0b9a7d60-6f4b-4c8e-9c38-3d5d2b6f0a11"


def whole(typed: str, *ids: str) -> str:
    return whole_id(typed, lambda: [{"id": each} for each in ids], kind="plan", hint="see the list")


def test_a_whole_id_is_itself_and_nothing_is_asked() -> None:
    def never() -> list[dict[str, str]]:
        raise AssertionError

    assert whole_id(ONE.upper(), never, kind="plan", hint="") == ONE


def test_a_beginning_is_enough_where_it_is_one_s_alone() -> None:
    assert whole("6F4B2D1E", ONE, OTHER) == ONE
    assert whole(ONE[:-1], ONE, OTHER) == ONE


@pytest.mark.parametrize(
    ("typed", "said"),
    [("6f4b2d1e", f"{ONE} or {TWIN}"), ("ffffffff", "there is no plan"), ("6f4b2d1", "no plan id")],
)
def test_what_is_not_plain_is_refused(typed: str, said: str) -> None:
    with pytest.raises(Failed, match=said):
        whole(typed, ONE, TWIN)
