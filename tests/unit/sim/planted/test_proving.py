"""Each bug of identity and proof: with it, something is taken for ours, or for another VM, that is
not."""

from uuid import UUID

import msgspec
import pytest

from tests import moments
from tests.parts import FLEET, KEY, NOW, VM, record
from tests.probes import Probes, told_apart
from tests.worlds import World, but, duplicate, lookalike, marked
from vmuster.model.ids import FleetId, VmUuid
from vmuster.model.mark import NO_MARK, MarkJudgement, OwnershipMark, write_mark
from vmuster.model.policy import Policy
from vmuster.model.states import MarkVerdict, Standing
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.ownership import prove
from vmuster.server.passes import judge
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.proving import PROVING

ANOTHER = VmUuid(UUID(int=99))
COPIED = MarkJudgement(verdict=MarkVerdict.COPIED)


def judged(mark: OwnershipMark) -> object:
    """What the mark, found on our VM, is to our fleet."""
    keys = {str(KEY): moments.SIGNER.public}
    return judge.judge_mark(write_mark(mark), VM, FLEET, keys).verdict


def forged() -> object:
    return judged(msgspec.structs.replace(moments.mark(), signature=bytes(64)))


def of_another_fleet() -> object:
    return judged(moments.SIGNER.mark(FleetId(UUID(int=5)), VM, 1))


def stranger(**changes: object) -> World:
    """A stopped VM that is none of ours, beside a record of ours that lives on this host."""
    return but(lookalike(), record=record(), seen={"uuid": ANOTHER, **changes})


def about(world: World, *, judgement: MarkJudgement = NO_MARK) -> list[VmUuid]:
    """The VMs about which a pass concludes something."""
    recorded = msgspec.structs.replace(world.recorded, marks={world.uuid: judgement})
    return [d.uuid for d in reconcile(recorded, world.report, Policy(), NOW).decisions]


def clone() -> object:
    raw = msgspec.structs.replace(moments.raw(), vm=str(VM))
    return about(stranger(mark=raw), judgement=COPIED)


def namesake() -> object:
    return about(but(stranger(), named=record()))


def of_one_number() -> object:
    return about(but(stranger(name="i-9-78-OTHER"), named=record()))


def unnamed_by_policy() -> object:
    return but(lookalike(), policy=Policy(), grant=None).decision().command is None


def on_two_hosts() -> object:
    return type(prove(duplicate().claim(Standing.OWNED)))


def unmarked() -> object:
    return marked(MarkVerdict.NONE).decision().standing


PROBES: Probes = {
    "a-record-is-proof-enough": unmarked,
    "a-signature-is-not-checked": forged,
    "a-fleet-is-not-compared": of_another_fleet,
    "a-clone-is-taken-for-its-original": clone,
    "a-name-is-taken-for-identity": namesake,
    "a-number-is-taken-for-identity": of_one_number,
    "a-name-is-taken-for-proof": unnamed_by_policy,
    "a-duplicate-is-not-frozen": on_two_hosts,
}


@pytest.mark.parametrize("bug", PROVING, ids=lambda bug: bug.name)
def test_it_makes_a_difference(bug: Planted) -> None:
    assert told_apart(bug, PROBES[bug.name])
