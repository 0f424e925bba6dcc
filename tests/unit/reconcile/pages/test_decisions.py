"""Each decision's page says what the table says."""

import pytest

from vmuster.reconcile.classify import TABLE, Deed, Row
from vmuster.reconcile.pages.decisions import PAGES

BY_NAME = {page.name: page for page in PAGES}


@pytest.mark.parametrize(
    "row", {row.rule: row for row in TABLE.values()}.values(), ids=lambda row: row.rule
)
def test_what_follows_is_taken_from_the_row(row: Row) -> None:
    said = BY_NAME[row.rule].follows
    assert f"The finding is {row.finding}." in said
    assert ("`drift: record`" in said) is row.follows
    assert ("`drift: enforce`" in said) is (row.enforced is not Deed.NOTHING)
    assert ("Under every policy" in said) is (row.always is not Deed.NOTHING)
    assert ("`restart: always`" in said) is bool(row.restarts)
    assert ("An alert" in said) is row.alert


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.rule)
def test_when_it_applies_is_taken_from_the_row(row: Row) -> None:
    assert row.why in BY_NAME[row.rule].when
