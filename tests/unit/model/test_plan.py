"""A plan, read by what it sends and what it changes."""

import msgspec

from tests.worlds import but, ghost, owned, owned_stopped
from vmuster.model.states import Drift


def test_a_plan_shows_what_it_sends_and_what_it_changes() -> None:
    plan = but(owned_stopped(), policy={"drift": Drift.ENFORCE}).plan()
    assert plan.commands == (plan.decisions[0].command,)
    assert plan.transitions == (plan.decisions[0].transition,)


def test_a_plan_without_commands_sends_none() -> None:
    assert owned().plan().commands == owned().plan().transitions == ()
    stripped = msgspec.structs.replace(ghost().plan().decisions[0], command=None)
    assert msgspec.structs.replace(ghost().plan(), decisions=(stripped,)).commands == ()
