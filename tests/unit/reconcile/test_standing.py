"""The standing table: total, and as the design states it, said a second time in another way."""

import itertools

import msgspec
import pytest

from vmuster.model.states import MarkVerdict, Standing
from vmuster.reconcile.standing import RULES, Facts, RecordState, stand

BOTH = (False, True)
FACTS = [
    Facts(
        record=record,
        mark=mark,
        duplicate=duplicate,
        at_home=at_home,
        newer=newer,
        ours_by_name=ours_by_name,
    )
    for record, mark, duplicate, at_home, newer, ours_by_name in itertools.product(
        RecordState, MarkVerdict, BOTH, BOTH, BOTH, BOTH
    )
]
BY_MARK = {
    MarkVerdict.FOREIGN: (1, Standing.FOREIGN),
    MarkVerdict.COPIED: (2, Standing.CLONE),
}


def design(facts: Facts) -> tuple[int, Standing]:
    """The design's table, by mark first and then by record: another way round than the rules."""
    if facts.mark in BY_MARK:
        return BY_MARK[facts.mark]
    unknown = facts.record is RecordState.NONE
    match facts.mark, facts.record:
        case MarkVerdict.OURS, RecordState.NONE:
            return 10, Standing.ORPHAN
        case MarkVerdict.OURS, RecordState.TOMBSTONE:
            return (9, Standing.ORPHAN) if facts.newer else (8, Standing.GHOST)
        case MarkVerdict.OURS, RecordState.LIVE:
            if facts.duplicate:
                return 5, Standing.DUPLICATE
            return (6, Standing.OWNED) if facts.at_home else (7, Standing.MOVED)
        case MarkVerdict.FORGED, _:
            return 4 if unknown else 3, Standing.UNPROVEN
        case _:
            if not unknown:
                return 3, Standing.UNPROVEN
            return (11, Standing.LOOKALIKE) if facts.ours_by_name else (12, Standing.ALIEN)


def test_every_combination_stands_as_the_design_says() -> None:
    assert len(FACTS) == 3 * 5 * 2**4
    for facts in FACTS:
        rule = stand(facts)
        assert (rule.number, rule.standing) == design(facts), facts


def test_the_rules_are_numbered_in_order_and_all_are_needed() -> None:
    assert [rule.number for rule in RULES] == list(range(1, 13))
    assert {stand(facts).number for facts in FACTS} == set(range(1, 13))
    assert {rule.standing for rule in RULES} == set(Standing)


def test_each_rule_says_what_it_is_about() -> None:
    assert len({rule.when for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("facts", FACTS)
def test_a_name_decides_only_between_two_kinds_of_strangers(facts: Facts) -> None:
    standings = {stand(msgspec.structs.replace(facts, ours_by_name=ours)).standing for ours in BOTH}
    assert len(standings) == 1 or standings == {Standing.LOOKALIKE, Standing.ALIEN}
