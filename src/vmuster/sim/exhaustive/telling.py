"""What a search came to, in words for people."""

from typing import Final

from vmuster.model.text import counted
from vmuster.sim.exhaustive.search import Searched, Violation
from vmuster.sim.exhaustive.servers import Contest
from vmuster.sim.exhaustive.truth import ActedOn

_ACTED_ON: Final = {ActedOn.OURS: "our VM", ActedOn.STRANGER: "the stranger"}


def lines(searched: Searched) -> list[str]:
    """The world, how many states it has, and each violation with the shortest way to it."""
    faults = counted(searched.faults_max, "fault")
    world = f"2 hosts, 2 VMs, hands on {_ACTED_ON[searched.acted_on]}, up to {faults}"
    return [
        f"{world}: {_size(searched.states, searched.transitions)}",
        *_verdict(len(searched.violations), complete=searched.complete),
        *(line for violation in searched.violations for line in _told(violation)),
    ]


def contest_lines(contest: Contest) -> list[str]:
    """The same of the model of two servers."""
    size = _size(contest.states, contest.transitions)
    return [
        f"2 servers that both believe they own a host: {size}",
        *_verdict(len(contest.violations), complete=contest.complete),
        *(line for law, path in contest.violations for line in (law, *_numbered(path))),
    ]


def _size(states: int, transitions: int) -> str:
    return f"{states:,} states, {transitions:,} transitions"


def _verdict(violations: int, *, complete: bool) -> list[str]:
    found = counted(violations, "violation") if violations else "no violation"
    return [f"complete: {found}" if complete else f"not complete: {found} so far"]


def _told(violation: Violation) -> list[str]:
    """One violation, with its path."""
    return [
        f"{violation.law} ({counted(violation.faults, 'fault')})",
        *_numbered(violation.path),
    ]


def _numbered(path: tuple[str, ...]) -> list[str]:
    return [f"  {number}. {words}" for number, words in enumerate(path, start=1)]
