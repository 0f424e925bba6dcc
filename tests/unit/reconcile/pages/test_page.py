"""Where a rule's page stands."""

from vmuster.reconcile.rules import CATALOGUE


def test_a_page_is_linked_by_its_name() -> None:
    assert CATALOGUE["stopped-outside"].link == "docs/rules.md#stopped-outside"
