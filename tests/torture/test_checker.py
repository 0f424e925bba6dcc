"""The checker finds what it is there to find: each case is in order but for one thing."""

import msgspec
import pytest

from tests.torture import checker
from tests.torture.auditor import BLIND, Event
from tests.torture.checker import Request, requests_of
from tests.torture.history import Line, Said
from vmuster.server.answers.saying import moment

VM, OTHER = "vm-1", "vm-2"


def line(said: Said, at: float, key: str = "k1", operation: str = "") -> Line:
    return Line(at=at, said=said, key=key, vm=VM, kind="start", operation=operation)


def request(key: str, kind: str, asked: float, ended: float | None, **changes: object) -> Request:
    state = "pending" if ended is None else "done"
    made = Request(
        key=key,
        vm=VM,
        kind=kind,
        force=False,
        asked_at=asked,
        acknowledged=(f"o-{key}",),
        refused=False,
        operation={
            "vm": VM,
            "kind": kind,
            "state": state,
            "finished_at": moment(ended) if ended else None,
        },
    )
    return msgspec.structs.replace(made, **changes)


def event(what: str, at: float, vm: str = VM, name: str = "db") -> Event:
    return Event(at=at, host="alpha", what=what, vm=vm, name=name)


ASKED = [request("a", "start", 10.0, 11.0), request("b", "stop", 20.0, 21.0)]
HAPPENED = [
    event("resumed", 10.4),
    event("started", 10.5),
    event("shutdown", 20.4),
    event("stopped", 20.5),
]


def test_what_was_asked_and_happened_once_is_in_order() -> None:
    assert checker.unexplained(ASKED, HAPPENED) == []
    assert checker.lost(ASKED) == []
    assert checker.untrue(ASKED, HAPPENED) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (event("stopped", 20.6), "stopped"),
        (event("started", 10.6), "started"),
        (event("stopped", 30.0), "stopped"),
        (event("started", 5.0), "started"),
        (event("crashed", 20.6), "crashed"),
        (event("undefined", 20.6), "undefined"),
        (event("stopped", 20.6, vm=OTHER), "stopped"),
    ],
    ids=["stopped twice", "started twice", "long after", "before", "crashed", "gone", "unasked"],
)
def test_an_effect_that_no_request_explains_is_found(more: Event, words: str) -> None:
    ((vm, said),) = checker.unexplained(ASKED, [*HAPPENED, more])
    assert vm == more.vm
    assert words in said


def test_a_refused_request_explains_nothing() -> None:
    refused = [request("a", "start", 10.0, 11.0, refused=True, acknowledged=()), ASKED[1]]
    ((_, said),) = checker.unexplained(refused, HAPPENED)
    assert "started" in said


def test_a_request_that_nobody_answered_explains_one_effect() -> None:
    unanswered = [request("a", "start", 10.0, None, acknowledged=(), operation=None), ASKED[1]]
    assert checker.unexplained(unanswered, HAPPENED) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"operation": None},
        {"operation": {"vm": VM, "kind": "start", "state": "running", "finished_at": None}},
        {"operation": {"vm": OTHER, "kind": "start", "state": "done", "finished_at": moment(11.0)}},
        {"operation": {"vm": VM, "kind": "stop", "state": "done", "finished_at": moment(11.0)}},
        {"acknowledged": ("o-a", "o-b")},
        {"refused": True},
    ],
    ids=["unknown", "never settled", "another VM", "another kind", "made two", "refused as well"],
)
def test_an_acknowledged_request_that_is_lost_is_found(changes: dict[str, object]) -> None:
    assert len(checker.lost([msgspec.structs.replace(ASKED[0], **changes), ASKED[1]])) == 1


def test_a_request_said_to_be_done_that_never_was_is_found() -> None:
    ((vm, said),) = checker.untrue(ASKED, HAPPENED[:2])
    assert vm == VM
    assert "stop b" in said


def test_a_request_for_what_is_already_so_is_done_without_an_effect() -> None:
    again = [*ASKED, request("c", "stop", 30.0, 31.0)]
    assert checker.untrue(again, HAPPENED) == []
    assert checker.unexplained(again, HAPPENED) == []


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (event("stopped", 1.0, vm=OTHER), 1),
        (event("stopped", 1.0, vm=OTHER, name="made by us"), 0),
        (Event(at=1.0, host="alpha", what=BLIND), 1),
    ],
    ids=["a stranger", "our own", "blind"],
)
def test_events_of_strangers_and_blindness_are_found(more: Event, found: int) -> None:
    assert len(checker.touched([*HAPPENED, more], [VM], ["made by us"])) == found


def test_requests_are_put_together_from_their_lines() -> None:
    (made,) = requests_of(
        [
            line(Said.ASKED, 1.0),
            line(Said.SILENCE, 2.0),
            line(Said.ASKED, 3.0),
            line(Said.ACKNOWLEDGED, 4.0, operation="o1"),
        ]
    )
    assert (made.asked_at, made.acknowledged, made.refused) == (1.0, ("o1",), False)
    (refused,) = requests_of([line(Said.ASKED, 1.0), line(Said.REFUSED, 2.0)])
    assert (refused.acknowledged, refused.refused) == ((), True)
