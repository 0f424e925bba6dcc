"""docs/planted.md names every planted bug, and says what the last search found."""

import pytest

from tools.planted import OUTPUT, SEEDS_MAX, read, render
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.finding import Find

FINDS = read()


def test_the_page_is_what_the_catalogue_and_the_search_say() -> None:
    assert OUTPUT.read_text(encoding="utf-8") == render(FINDS)


def test_every_bug_of_the_catalogue_was_found_and_no_other() -> None:
    assert list(FINDS) == list(CATALOGUE)


@pytest.mark.parametrize(("name", "find"), FINDS.items())
def test_it_was_found_within_the_bound_and_of_a_law_that_it_breaks(name: str, find: Find) -> None:
    assert 0 <= find.seed < SEEDS_MAX
    assert find.tried == find.seed + 1
    assert find.law in CATALOGUE[name].laws


def test_a_bug_that_was_not_found_is_said_to_be_so() -> None:
    name = next(iter(FINDS))
    page = render({other: find for other, find in FINDS.items() if other != name})
    assert f"| `{name}` | {CATALOGUE[name].what} | not found |" in page
