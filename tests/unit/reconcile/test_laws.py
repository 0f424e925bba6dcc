"""The second opinion is silent about a plan that keeps the laws, and names each VM that breaks one.

Each law is broken alone in `tests/laws/test_second_opinion.py`.
"""

import msgspec

from tests.parts import NOW
from tests.worlds import alien, copy_of, ghost, owned, together
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.laws import violations


def test_each_vm_that_breaks_a_law_is_named_and_the_others_are_not() -> None:
    recorded, report = together(*(copy_of(world, n) for n, world in ((1, ghost()), (2, ghost()))))
    decisions = list(reconcile(recorded, report, ghost().policy, NOW).decisions)
    assert violations(decisions, recorded, report, ghost().policy, NOW) == {}
    first, second = (decision.uuid for decision in decisions)
    one_unknown = msgspec.structs.replace(recorded, records={first: recorded.records[first]})
    assert list(violations(decisions, one_unknown, report, ghost().policy, NOW)) == [second]


def test_what_does_nothing_breaks_nothing() -> None:
    for world in (owned(), alien()):
        assert violations([world.decision()], world.recorded, world.report, world.policy, NOW) == {}
