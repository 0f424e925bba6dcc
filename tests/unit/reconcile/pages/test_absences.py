"""The page of a move says how it is recognized, and is told from every other."""

import pytest

from vmuster.reconcile.pages.absences import PAGES
from vmuster.reconcile.pages.page import Family, RulePage
from vmuster.reconcile.rules import spoken


@pytest.mark.parametrize("page", [page for page in PAGES if page.says], ids=lambda page: page.name)
def test_a_move_is_recognized_by_its_words(page: RulePage) -> None:
    assert spoken(f"found our VM; {page.says.format('h-1')}; more", Family.MOVE) == page
