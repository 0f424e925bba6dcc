"""What is supposed to have been otherwise is, and nothing else."""

import msgspec
import pytest

from tests import worlds
from tests.recorded import given, pass_over
from tests.worlds import but
from vmuster.model.errors import Refused
from vmuster.model.policy import Policy
from vmuster.model.states import HostMode, UnknownVms
from vmuster.reconcile.supposed import Change, supposed, supposed_cluster, supposed_host


def test_nothing_supposed_changes_nothing() -> None:
    was = given(worlds.lookalike())
    assert supposed(was, Change()) == was


def test_a_leave_goes_with_its_rung() -> None:
    was = pass_over(worlds.lookalike()).given
    lower = supposed(was, Change(settings={"unknown_vms": "stop-by-mark"}))
    assert (lower.cluster.grant, lower.recorded.grant) == (None, None)
    same = supposed(was, Change(settings={"drift": "enforce"}))
    assert same.recorded.grant == was.recorded.grant
    assert same.cluster.policy.unknown_vms is UnknownVms.STOP_BY_NAME


def test_a_leave_that_nobody_gave_is_signed_by_nobody() -> None:
    was = given(but(worlds.lookalike(), policy=Policy(), grant=None))
    grant = supposed(was, Change(settings={"unknown_vms": "stop-by-name"})).recorded.grant
    assert grant is not None
    assert (grant.signature, grant.cluster, grant.instance) == (b"", was.cluster.name, "VM")


def test_a_mode_is_that_of_the_host_and_of_nothing_else() -> None:
    was = given(worlds.owned())
    now = supposed(was, Change(mode=HostMode.OBSERVE))
    assert now.recorded.host == supposed_host(was.recorded.host, Change(mode=HostMode.OBSERVE))
    assert now.recorded.host.mode is HostMode.OBSERVE
    same = msgspec.structs.replace(now.recorded, host=was.recorded.host)
    assert msgspec.structs.replace(now, recorded=same) == was


def test_a_setting_that_is_none_is_refused() -> None:
    was = given(worlds.owned())
    with pytest.raises(Refused, match="no such setting"):
        supposed_cluster(was.cluster, was.fleet, Change(settings={"drfit": "enforce"}))
