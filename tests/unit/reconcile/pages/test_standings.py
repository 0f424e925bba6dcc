"""Each standing's page says what the table says."""

import pytest

from vmuster.reconcile.pages.standings import PAGES
from vmuster.reconcile.standing import RULES, Rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.number))
def test_when_a_rule_applies_is_taken_from_the_table(rule: Rule) -> None:
    (page,) = (page for page in PAGES if page.name == f"standing-{rule.number}")
    assert page.when == f"The VM is {rule.standing}: {rule.when}."
