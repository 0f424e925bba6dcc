"""A draft knows whether it proposes something that no person asked for."""

import pytest

from tests.parts import operation
from tests.worlds import World, but, ghost, owned
from vmuster.model.states import OperationKind
from vmuster.reconcile.decide import decide


@pytest.mark.parametrize(
    ("world", "automatic"),
    [
        (ghost(), True),
        (owned(), False),
        (but(owned(), operation=operation(OperationKind.STOP)), False),
    ],
)
def test_only_a_command_without_a_person_is_automatic(world: World, automatic: bool) -> None:
    draft = decide(world.pair, world.recorded, world.report, world.policy, world.now)
    assert draft is not None
    assert draft.automatic is automatic
