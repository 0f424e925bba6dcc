"""The digest of a COMPLETE report: the same for the same facts, and for no others."""

from random import Random
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.report import digest_of
from vmuster.model.states import PowerReason, PowerState
from vmuster.model.vm import VmObservation

observations = st.builds(
    VmObservation,
    uuid=st.uuids().map(VmUuid),
    name=st.text(max_size=8),
    power=st.sampled_from(PowerState),
    reason=st.sampled_from(PowerReason),
    mark=st.none() | st.builds(RawMark, fleet=st.text(max_size=4)),
)
ONE = VmObservation(uuid=VmUuid(UUID(int=1)), name="a", power=PowerState.RUNNING)


@given(st.lists(observations, max_size=5), st.randoms())
def test_order_says_nothing(vms: list[VmObservation], chance: Random) -> None:
    shuffled = list(vms)
    chance.shuffle(shuffled)
    assert digest_of(tuple(shuffled)) == digest_of(tuple(vms))


def test_each_fact_says_something() -> None:
    variants = [
        ONE,
        msgspec.structs.replace(ONE, uuid=VmUuid(UUID(int=2))),
        msgspec.structs.replace(ONE, name="b"),
        msgspec.structs.replace(ONE, power=PowerState.STOPPED),
        msgspec.structs.replace(ONE, reason=PowerReason.GUEST),
        msgspec.structs.replace(ONE, mark=RawMark()),
        msgspec.structs.replace(ONE, mark=RawMark(vm="x")),
    ]
    assert len({digest_of((vm,)) for vm in variants}) == len(variants)
    assert digest_of((ONE, ONE)) != digest_of((ONE,)) != digest_of(())
