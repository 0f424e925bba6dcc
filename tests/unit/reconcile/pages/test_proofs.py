"""The page of a proof's check says for what it is asked."""

from vmuster.reconcile.ownership import CHECKS, CLEARANCE_CHECKS
from vmuster.reconcile.pages.page import RulePage
from vmuster.reconcile.pages.proofs import PAGES

BY_WORDS: dict[str, RulePage] = {page.says: page for page in PAGES}


def test_a_page_names_every_purpose_of_its_check() -> None:
    for kind, checks in CHECKS.items():
        for check in checks:
            assert f"a proof by {kind}" in BY_WORDS[check.reason].when
    for check in CLEARANCE_CHECKS:
        assert "a start" in BY_WORDS[check.reason].when


def test_a_check_of_starts_alone_is_not_said_to_be_of_proofs() -> None:
    page = BY_WORDS["the report is not a complete one"]
    assert page.when == "Asked for a start: the report is not a complete one."
    assert page.laws == ("L1", "L2")
