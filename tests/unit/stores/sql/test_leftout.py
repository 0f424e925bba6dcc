"""What can't be read is left out, noted once, and made up for by others."""

from collections.abc import Sequence

from structlog.testing import capture_logs

from tests.parts import HOST, VM, sighting
from vmuster.model.vm import Sighting
from vmuster.stores.sql import leftout
from vmuster.stores.sql.leftout import LeftOut, filled
from vmuster.stores.sql.rows import to_row

GOOD = to_row(sighting())
BAD = (*GOOD[:-1], 7)


def test_a_row_that_can_not_be_read_is_noted_and_logged_once() -> None:
    left = LeftOut()
    with capture_logs() as logs:
        assert left.readable(Sighting, GOOD) == sighting()
        assert left.readable(Sighting, BAD) is None
        assert left.readable(Sighting, BAD) is None
    assert len(logs) == 1
    assert left.noted() == [(Sighting, (HOST, str(VM)))]
    left.forget(Sighting, (HOST, str(VM)))
    assert left.noted() == []


def test_no_more_are_kept_in_mind_than_a_person_wants_to_hear_of() -> None:
    left = LeftOut()
    with capture_logs():
        for number in range(leftout._LEFT_OUT_MAX + 5):  # pyright: ignore[reportPrivateUsage]
            left.readable(Sighting, (str(number), *BAD[1:]))
    assert len(left.noted()) == leftout._LEFT_OUT_MAX  # pyright: ignore[reportPrivateUsage]


def test_others_stand_in_the_place_of_what_is_left_out() -> None:
    asked: list[int] = []

    def ask(most: int) -> Sequence[int]:
        asked.append(most)
        return range(10)[:most]

    def odd(number: int) -> int | None:
        return number if number % 2 else None

    assert filled(3, ask, odd) == [1, 3, 5]
    assert asked == [3, 5, 6]
    assert filled(9, ask, odd) == [1, 3, 5, 7, 9]
    assert filled(0, ask, odd) == []
