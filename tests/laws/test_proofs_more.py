"""What is never proved, and what a proof carries."""

import pytest

from tests.parts import MARK, grant
from tests.worlds import World, but, ghost, lookalike, owned, owned_stopped
from vmuster.model.commands import OwnershipProof, Unproven
from vmuster.model.mark import MarkJudgement
from vmuster.model.states import (
    MarkVerdict,
    Standing,
)
from vmuster.reconcile.ownership import clear, prove


@pytest.mark.parametrize(
    "standing",
    sorted(set(Standing) - {Standing.OWNED, Standing.GHOST, Standing.LOOKALIKE}),
)
@pytest.mark.parametrize("world", [owned(), ghost(), lookalike()])
def test_other_standings_are_never_proved(standing: Standing, world: World) -> None:
    assert isinstance(prove(world.claim(standing)), Unproven)


def test_a_vm_whose_mark_was_not_read_is_not_cleared() -> None:
    unread = but(owned_stopped(), seen={"mark": None}).claim(Standing.OWNED)
    assert clear(unread) == Unproven(reason="the report does not show its mark")


def test_a_proof_by_name_carries_the_grant_and_no_mark() -> None:
    """Even where what was read and what was judged did not agree."""
    none = MarkJudgement(verdict=MarkVerdict.NONE, generation=7)
    proof = prove(but(lookalike(), seen={"mark": MARK}, mark=none).claim(Standing.LOOKALIKE))
    assert isinstance(proof, OwnershipProof)
    assert (proof.grant, proof.mark, proof.mark_generation) == (grant(), None, 0)


def test_a_proof_by_mark_carries_the_mark_and_no_grant() -> None:
    claim = but(ghost(), grant=grant()).claim(Standing.GHOST)
    proof = prove(claim)
    assert isinstance(proof, OwnershipProof)
    assert claim.pair.seen is not None
    assert (proof.grant, proof.mark, proof.mark_generation) == (None, claim.pair.seen.mark, 1)
