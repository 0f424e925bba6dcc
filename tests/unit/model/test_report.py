"""The digest of a report: the same for the same VMs in any order, and for nothing else."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts import MARK, observation
from vmuster.model.report import digest_of
from vmuster.model.states import PowerReason, PowerState
from vmuster.model.vm import VmObservation

shown = st.builds(
    VmObservation,
    uuid=st.uuids(),
    name=st.text(max_size=5),
    power=st.sampled_from(PowerState),
    reason=st.sampled_from(PowerReason),
    mark=st.sampled_from([None, MARK]),
)


@given(st.lists(shown, max_size=5))
def test_the_order_of_the_vms_says_nothing(vms: list[VmObservation]) -> None:
    turned = list(reversed(vms))
    assert digest_of(tuple(vms)) == digest_of(tuple(turned))
    assert len(digest_of(tuple(vms))) == 32


@given(st.lists(shown, max_size=4), st.lists(shown, max_size=4))
def test_other_vms_have_another_digest(
    ones: list[VmObservation], others: list[VmObservation]
) -> None:
    encoded = [sorted(map(msgspec.json.encode, vms)) for vms in (ones, others)]
    digests = [digest_of(tuple(vms)) for vms in (ones, others)]
    assert (encoded[0] == encoded[1]) is (digests[0] == digests[1])


@pytest.mark.parametrize(
    "change",
    [
        {"name": "renamed"},
        {"power": PowerState.PAUSED},
        {"reason": PowerReason.HAND},
        {"mark": None},
        {"mark": msgspec.structs.replace(MARK, generation="2")},
    ],
)
def test_every_change_of_a_vm_changes_the_digest(change: dict[str, object]) -> None:
    assert digest_of((observation(),)) != digest_of((observation(**change),))


def test_two_alike_are_not_one() -> None:
    assert digest_of((observation(), observation())) != digest_of((observation(),))
