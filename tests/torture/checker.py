"""Whether everything that happened on the hypervisors was asked for, and happened once.

It knows what was asked (the askers' history), what became of it (the API's operations) and what
happened (the auditors' events), and nothing of how vmuster works. For each VM the starts and the
stops that happened are given one to one to requests of that kind which were open at that moment;
what is left over happened twice, or without a request.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from tests.torture.auditor import BLIND, Event
from tests.torture.history import Line, Said

_EFFECTS: Final = {"started": "start", "stopped": "stop"}
_QUIET: Final = frozenset({"resumed", "shutdown"})
"""A start is announced by `resumed` too, and the end of a guest by `shutdown`."""
_LATE_SECONDS: Final = 2.0
"""How long after it happened an auditor may hear of an event, on a machine that is busy."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what became of it. `operation` is the API's, None where it knows of none."""

    key: str
    vm: str
    kind: str
    force: bool
    asked_at: float
    acknowledged: tuple[str, ...]
    refused: bool
    operation: dict[str, Any] | None = None

    @property
    def state(self) -> str:
        """Its operation's state; "" where there is none."""
        return str((self.operation or {}).get("state", ""))

    @property
    def until(self) -> float:
        """Until when it may have had an effect."""
        finished = ended_at(self.operation or {})
        return float("inf") if finished is None else finished + _LATE_SECONDS


def ended_at(operation: dict[str, Any]) -> float | None:
    """When an operation of the API ended, in seconds since the epoch; None while it is open."""
    finished = operation.get("finished_at")
    return None if finished is None else datetime.fromisoformat(finished).timestamp()


def requests_of(lines: Iterable[Line]) -> list[Request]:
    """The requests of a history, by their keys, as far as their askers know."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.key, []).append(line)
    return [
        Request(
            key=key,
            vm=said[0].vm,
            kind=said[0].kind,
            force=said[0].force,
            asked_at=said[0].at,
            acknowledged=tuple(x.operation for x in said if x.said is Said.ACKNOWLEDGED),
            refused=any(x.said is Said.REFUSED for x in said),
        )
        for key, said in found.items()
    ]


def lost(requests: Iterable[Request]) -> list[tuple[str, str]]:
    """Acknowledged requests that are not known, not settled, or made two; each with its VM."""
    found: list[tuple[str, str]] = []
    for request in requests:
        if not request.acknowledged:
            continue
        if len(set(request.acknowledged)) > 1:
            ids = ", ".join(sorted(set(request.acknowledged)))
            found.append((request.vm, f"{_shown(request)} is several operations: {ids}"))
        if request.refused:
            found.append((request.vm, f"{_shown(request)} was acknowledged, and refused as well"))
        if request.operation is None:
            found.append((request.vm, f"{_shown(request)} was acknowledged and is not known"))
        elif request.state not in ("done", "failed"):
            found.append((request.vm, f"{_shown(request)} is {request.state} for ever"))
        elif (request.operation["vm"], request.operation["kind"]) != (request.vm, request.kind):
            found.append((request.vm, f"{_shown(request)} became something else"))
    return found


def unexplained(requests: Sequence[Request], events: Sequence[Event]) -> list[tuple[str, str]]:
    """What happened to VMs of ours that no request explains one to one; each with its VM."""
    vms = {request.vm for request in requests} | {event.vm for event in events}
    return [
        (vm, words)
        for vm in sorted(vms)
        for words in _unexplained(
            [r for r in requests if r.vm == vm and (r.acknowledged or not r.refused)],
            sorted((e for e in events if e.vm == vm), key=lambda e: e.at),
        )
    ]


def _unexplained(requests: list[Request], events: list[Event]) -> list[str]:
    """For one VM: each event takes the open request of its kind that closes first."""
    free = sorted(requests, key=lambda request: request.until)
    found: list[str] = []
    for event in events:
        if event.what in _QUIET:
            continue
        kind = _EFFECTS.get(event.what)
        taken = next(
            (r for r in free if r.kind == kind and r.asked_at <= event.at <= r.until), None
        )
        if taken is None:
            found.append(
                f"{event.what} ({event.detail}) at {event.at:.3f} by no request of its own"
            )
        else:
            free.remove(taken)
    return found


def untrue(requests: Iterable[Request], events: Sequence[Event]) -> list[tuple[str, str]]:
    """Requests said to be done although the VM was never so while they were open.

    Every VM is off at first.
    """
    found: list[tuple[str, str]] = []
    for request in requests:
        if request.state != "done":
            continue
        wanted = request.kind == "start"
        mine = sorted((e for e in events if e.vm == request.vm), key=lambda e: e.at)
        states = [(e.at, e.what == "started") for e in mine if e.what in _EFFECTS]
        before = [runs for at, runs in states if at < request.asked_at]
        during = [runs for at, runs in states if request.asked_at <= at <= request.until]
        if wanted not in ((before or [False])[-1], *during):
            found.append((request.vm, f"{_shown(request)} is done, and it never was so"))
    return found


def touched(events: Iterable[Event], ours: Iterable[str], known: Iterable[str]) -> list[str]:
    """Events of VMs that are not ours, and times at which an auditor was blind.

    `known`: names of VMs that the checker itself made, to mark a moment.
    """
    own, made = set(ours), set(known)
    return [
        f"{e.what} ({e.detail}) of {e.name or 'the auditor'} on {e.host} at {e.at:.3f}"
        for e in events
        if e.what == BLIND or (e.vm not in own and e.name not in made)
    ]


def _shown(request: Request) -> str:
    return f"{request.kind} {request.key}"
