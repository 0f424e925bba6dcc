"""The guard beyond its single checks (`tests/laws/test_permits.py`): what a permit then says."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import moments
from tests.moments import MARK, STOPS, UNMARK
from tests.parts import VM
from vmuster.agent.guard import permit_mark, permit_stop, permit_unmark
from vmuster.agent.moment import Moment
from vmuster.model.commands import MarkVm, StopVm
from vmuster.model.mark import write_mark
from vmuster.model.modes import ALLOWED, allows
from vmuster.model.names import is_canonical
from vmuster.model.permits import MarkPermit, Refusal, StopPermit, UnmarkPermit
from vmuster.model.states import Act, HostMode, ProofKind, StopMethod


def stop_by_request(method: StopMethod) -> Moment:
    command = moments.stop(automatic=False, method=method)
    return msgspec.structs.replace(STOPS[ProofKind.RECORD], command=command)


def asked_to_stop(moment: Moment) -> StopPermit | Refusal:
    assert isinstance(moment.command, StopVm)
    return permit_stop(moment, moment.command)


@pytest.mark.parametrize("method", StopMethod)
def test_only_a_shutdown_comes_to_force_after_its_grace(method: StopMethod) -> None:
    escalated = StopMethod.FORCE if method is StopMethod.SHUTDOWN else method
    moment = stop_by_request(method)
    assert asked_to_stop(moment) == StopPermit(vm=VM, method=method)
    after_grace = msgspec.structs.replace(moment, asked=moments.RUN)
    assert asked_to_stop(after_grace) == StopPermit(vm=VM, method=escalated)


@pytest.mark.parametrize("mode", HostMode)
def test_requests_are_judged_by_the_table_of_modes_that_the_server_uses_too(
    mode: HostMode,
) -> None:
    settings = moments.settings(mode=mode)
    asked = {
        Act.STOP: asked_to_stop(
            msgspec.structs.replace(stop_by_request(StopMethod.FORCE), settings=settings)
        ),
        Act.AUTOMATIC: asked_to_stop(
            msgspec.structs.replace(STOPS[ProofKind.MARK], settings=settings)
        ),
        Act.ADOPT: permit_mark(msgspec.structs.replace(MARK, settings=settings), moments.write()),
        Act.RELEASE: permit_unmark(msgspec.structs.replace(UNMARK, settings=settings)),
    }
    allowed = {act: not isinstance(permit, Refusal) for act, permit in asked.items()}
    assert allowed == {act: allows(mode, act) for act in asked}
    assert allowed.keys() <= ALLOWED.keys()


def test_a_transient_vm_has_no_stored_mark_to_compare() -> None:
    live = moments.live(stored_mark=None, transient=True)
    moment = msgspec.structs.replace(STOPS[ProofKind.RECORD], live=live)
    assert isinstance(asked_to_stop(moment), StopPermit)


def test_a_stored_mark_that_a_redefine_lost_is_written_anew_or_taken_away() -> None:
    lost = moments.live(stored_mark=None)
    assert isinstance(MARK.command, MarkVm)
    assert isinstance(
        permit_mark(msgspec.structs.replace(MARK, live=lost), MARK.command), MarkPermit
    )
    assert isinstance(permit_unmark(msgspec.structs.replace(UNMARK, live=lost)), UnmarkPermit)


def test_the_permit_to_mark_carries_the_mark_of_the_order_and_no_other() -> None:
    assert isinstance(MARK.command, MarkVm)
    wanted = MarkPermit(vm=VM, mark=write_mark(MARK.command.mark))
    assert permit_mark(MARK, MARK.command) == wanted
    assert permit_unmark(UNMARK) == UnmarkPermit(vm=VM)


parts = st.sampled_from(["i-", "r-", "v-", "x-", "-", "0", "2", "78", "007", "٧", "VM", "vm", "\n"])


@given(st.one_of(st.text(max_size=12), st.lists(parts, max_size=8).map("".join)))
def test_both_readings_of_the_naming_rule_agree(name: str) -> None:
    moment = STOPS[ProofKind.NAME]
    live = msgspec.structs.replace(moment.live, name=name)
    permit = asked_to_stop(msgspec.structs.replace(moment, live=live))
    assert isinstance(permit, StopPermit) is is_canonical(name, "VM")
