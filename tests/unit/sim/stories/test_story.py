"""What the first line of a story says."""

import pytest

from vmuster.sim.stories.story import split_title


@pytest.mark.parametrize(
    ("line", "about", "title"),
    [
        ("F13: a report comes twice", ("F13",), "a report comes twice"),
        ("F47, complaint 1, L7, T04: it moves", ("F47", "complaint 1", "L7", "T04"), "it moves"),
        ("a host is cut off", (), "a host is cut off"),
        ("it says: nothing", (), "it says: nothing"),
        ("F13, it says: nothing", (), "F13, it says: nothing"),
        ("F13:", (), "F13:"),
    ],
)
def test_a_first_line_names_what_the_story_is_about(
    line: str, about: tuple[str, ...], title: str
) -> None:
    assert split_title(line) == (about, title)
