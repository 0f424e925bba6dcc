"""What is decided about a VM with an operation in flight."""

import pytest

from tests.parts import NOW, VM, operation
from tests.worlds import World, alien, but, drafted, ghost, marked, owned
from vmuster.model.ids import HostId
from vmuster.model.states import (
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
)
from vmuster.reconcile.draft import Draft


def in_flight(world: World, **changes: object) -> Draft:
    return drafted(but(world, operation=operation(OperationKind.STOP, **changes)))


def test_a_vm_in_flight_that_says_nothing_is_unclear() -> None:
    draft = in_flight(but(owned(), seen={"power": PowerState.UNKNOWN}))
    words = "its hypervisor does not say whether it runs: no information"
    assert (draft.standing, draft.rule, draft.why) == (Standing.OWNED, "unknown", words)


def test_a_request_is_carried_out_by_the_first_look_that_began_after_it() -> None:
    """`asked_after` is the newest number when the look began: the request's own is enough."""
    number = owned().report.asked_after
    assert in_flight(owned(), intake=number).command is not None
    assert in_flight(owned(), intake=number + 1).command is None


def test_what_is_refused_ends_at_once() -> None:
    refused = in_flight(alien()).operation
    assert refused is not None
    assert (refused.state, refused.finished_at) == (OperationState.FAILED, NOW)


def test_another_home_or_a_newer_mark_gives_another_standing() -> None:
    assert but(ghost(), mark={"generation": 2}).decision().standing is Standing.ORPHAN
    assert but(owned(), record={"host": HostId("x")}).decision().standing is Standing.MOVED
    assert but(owned(), record={"uuid": VM, "host": None}).decision().standing is Standing.OWNED


@pytest.mark.parametrize("kind", OperationKind)
def test_what_is_strange_by_what_was_asked_for_raises_no_alarm(kind: OperationKind) -> None:
    """An adoption finds no mark yet, and a release none any more; a stop should have found one."""
    later = owned().report.asked_after + 1
    wish = operation(kind, state=OperationState.RUNNING, intake=later)
    draft = drafted(but(marked(MarkVerdict.NONE), operation=wish))
    meant = kind in (OperationKind.ADOPT, OperationKind.RELEASE)
    assert draft.standing is Standing.UNPROVEN
    assert draft.alert is not meant
