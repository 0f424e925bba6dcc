"""Lines over values; the conformance suite has the whole of it."""

from uuid import UUID

import pytest

from tests.parts import CLUSTER, HOST, NAME, OTHER, VM, host, record, sighting
from vmuster.model.states import DesiredState, VmPhase
from vmuster.model.vm import Sighting
from vmuster.ports.store import VmQuery
from vmuster.stores.listing import lines, text_place, unseen, vm_row


@pytest.mark.parametrize(
    ("asked", "shown", "name"),
    [
        (VmQuery(), sighting(name="web"), "web"),
        (VmQuery(), None, "ours"),
        (VmQuery(phase=VmPhase.RUNNING), sighting(name="web"), "ours"),
        (VmQuery(desired=DesiredState.RUNNING), sighting(name="web"), "ours"),
    ],
)
def test_a_place_is_what_its_host_shows_or_what_is_recorded(
    asked: VmQuery, shown: Sighting | None, name: str
) -> None:
    found = vm_row(asked, shown, record(name="ours"))
    assert found is not None
    assert found.place == (name, VM, HOST)


def test_without_what_gives_it_a_place_there_is_no_line() -> None:
    assert vm_row(VmQuery(), None, None) is None
    assert vm_row(VmQuery(phase=VmPhase.RUNNING), sighting(), None) is None
    alone = vm_row(VmQuery(), None, record(name="ours", host=None))
    assert alone is not None
    assert alone.place == ("ours", VM, None)


def test_a_place_is_compared_as_text() -> None:
    assert text_place(("a", VM, None)) == ("a", str(VM), "")
    assert text_place(("a", VM, HOST)) > text_place(("a", VM, None))
    for place in (("\ud800", VM, HOST), ("a", VM, "\udfff")):
        with pytest.raises(ValueError, match="all of them text"):
            text_place(place)  # pyright: ignore[reportArgumentType]  # a host id is text


def test_only_its_own_host_shows_a_record() -> None:
    assert list(unseen([sighting()], [record()])) == []
    assert list(unseen([sighting(host=OTHER)], [record()])) == [record()]
    assert list(unseen([], [record(host=None)])) == [record(host=None)]


def test_what_is_absent_and_what_is_removed_makes_no_line() -> None:
    hosts = {HOST: host()}

    def names(*, absent: bool, removed_at: float | None) -> list[tuple[bool, bool]]:
        found = lines(VmQuery(), [sighting(absent=absent)], [record(removed_at=removed_at)], hosts)
        return [(line.sighting is not None, line.record is not None) for line in found]

    assert names(absent=False, removed_at=None) == [(True, True)]
    assert names(absent=True, removed_at=None) == [(False, True)]
    assert names(absent=False, removed_at=1.0) == [(True, False)]
    assert names(absent=True, removed_at=1.0) == []


def test_the_cluster_is_the_hosts_or_that_of_a_record_alone() -> None:
    hosts = {HOST: host()}
    other = record(uuid=UUID(int=2), name="b", host=None, cluster="spare")
    found = lines(VmQuery(cluster=CLUSTER), [sighting()], [record(cluster="spare"), other], hosts)
    assert [line.place for line in found] == [(NAME, VM, HOST)]
