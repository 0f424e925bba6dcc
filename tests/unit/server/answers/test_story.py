"""A link by a rule says where the rule is explained."""

from vmuster.reconcile.rules import CATALOGUE
from vmuster.server.answers.story import Link, LinkKind, ruled

LINK = Link(kind=LinkKind.RULE, what="it is so")


def test_a_rule_is_named_and_linked_by_its_name_or_its_page() -> None:
    for rule in ("held", CATALOGUE["held"]):
        link = ruled(LINK, rule)
        assert (link.rule, link.see, link.what) == ("held", "docs/rules.md#held", "it is so")


def test_what_has_no_page_is_not_linked() -> None:
    assert ruled(LINK, None) is LINK
    assert ruled(LINK, "") is LINK
    assert ruled(LINK, "of an older version") is LINK
