"""Accounts as bytes: a later one says the same, and a changed one differs where it should."""

from itertools import pairwise
from uuid import UUID

import msgspec

from bench import reports
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.states import Completeness, PowerReason, PowerState
from vmuster.model.vm import VmObservation

HOST = HostId("h00000")
VMS = tuple(
    VmObservation(uuid=VmUuid(UUID(int=n)), name=f"i-2-{n}-VM", power=PowerState.RUNNING)
    for n in range(3)
)
BYTES = [169, 346, 347, 347]
"""Of a report of no VM; and of each VM with a mark, with the comma before it."""
FIRST = reports.whole(HOST, 1, VMS)


def test_a_later_report_has_another_stamp_and_the_same_account() -> None:
    later = reports.later(HOST, FIRST, 7, epoch=3)
    report = reports.report_in(later)
    assert (report.host, report.epoch, report.sequence) == (HOST, 3, 7)
    assert report.vms == VMS
    assert report.completeness is Completeness.COMPLETE
    assert later != FIRST
    assert reports.body(later) == reports.body(FIRST)


def test_only_what_changed_is_seen_otherwise() -> None:
    changed = reports.changed(FIRST, 2, {VMS[1].uuid})
    seen = reports.report_in(changed).vms
    assert reports.body(changed) != reports.body(FIRST)
    assert (seen[0], seen[2]) == (VMS[0], VMS[2])
    assert (seen[1].power, seen[1].reason) == (PowerState.STOPPED, PowerReason.HAND)
    assert reports.turned(seen[1]).power is PowerState.RUNNING


def test_an_event_is_a_partial_report_of_one_vm() -> None:
    report = reports.report_in(reports.event(HOST, 2, 9, VMS[0]))
    assert report.completeness is Completeness.PARTIAL
    assert (report.epoch, report.sequence, report.vms) == (2, 9, VMS[:1])


def test_the_vms_alone_are_what_a_bare_loop_decodes() -> None:
    assert reports.vms_in(FIRST) in reports.body(FIRST)


def test_a_report_has_so_many_bytes_and_each_vm_so_many_more() -> None:
    """Exactly: who has the wire say more finds it here."""
    fleet, key = UUID(int=1), UUID(int=2)
    mark = RawMark(
        fleet=str(fleet), vm=str(fleet), generation="1", key=str(key), signature="s" * 86
    )
    marked = tuple(msgspec.structs.replace(vm, mark=mark) for vm in VMS)
    sizes = [len(reports.whole(HOST, 1, marked[:many])) for many in range(4)]
    assert [sizes[0], *(more - less for less, more in pairwise(sizes))] == BYTES
