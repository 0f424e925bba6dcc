"""Breadth first through everything that few faults can lead to, until nothing new is left.

States are visited in the order of the faults that they took, then of the moves. One that is reached
again with more faults has nothing new ahead of it. So the search ends by itself, and the path to
what breaks a law has the fewest faults, and of these the fewest moves.
"""

from collections import Counter, defaultdict
from typing import Final

import msgspec

from vmuster.sim.exhaustive.moves import Move, Moves
from vmuster.sim.exhaustive.state import State, first
from vmuster.sim.exhaustive.truth import ActedOn

VIOLATIONS_MAX: Final = 20
"""Kept, each of another law or with other words; what leads on from one is not followed."""


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """A law that was broken, the faults that it took, and the moves that led to it, in words."""

    law: str
    faults: int
    path: tuple[str, ...]


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """What a search came to. `complete`: nothing was left to visit. `by_faults`: states by how many
    faults they take."""

    acted_on: ActedOn
    faults_max: int
    states: int
    transitions: int
    by_faults: tuple[int, ...]
    violations: tuple[Violation, ...]
    complete: bool


class _Visited(msgspec.Struct, frozen=True, gc=False):
    """A state that was reached; `parent`: the number of the one before it."""

    state: State
    faults: int
    depth: int
    parent: int


def search(
    faults_max: int, acted_on: ActedOn = ActedOn.OURS, *, states_max: int | None = None
) -> Searched:
    """Visit every state that at most `faults_max` faults lead to; at most some `states_max`."""
    return _Search(faults_max, acted_on, states_max).run()


class _Search:
    def __init__(self, faults_max: int, acted_on: ActedOn, states_max: int | None) -> None:
        self._acted_on = acted_on
        self._faults_max = faults_max
        self._states_max = states_max
        self._moves = Moves(acted_on)
        self._visited: list[_Visited] = []
        self._faults: dict[State, int] = {}
        self._waiting: defaultdict[tuple[int, int], list[_Visited]] = defaultdict(list)
        self._found: dict[str, Violation] = {}
        self._transitions = 0

    def run(self) -> Searched:
        """Search, to the end or until there are too many states."""
        self._reach(first(self._acted_on), 0, 0, -1)
        while self._waiting and not self._full:
            level = min(self._waiting)
            for one in self._waiting.pop(level):
                self._expand(one)
        counted = Counter(one.faults for one in self._visited)
        return Searched(
            acted_on=self._acted_on,
            faults_max=self._faults_max,
            states=len(self._faults),
            transitions=self._transitions,
            by_faults=tuple(counted[n] for n in range(self._faults_max + 1)),
            violations=tuple(self._found.values()),
            complete=not self._waiting,
        )

    @property
    def _full(self) -> bool:
        return self._states_max is not None and len(self._faults) >= self._states_max

    def _expand(self, one: _Visited) -> None:
        if self._faults[one.state] < one.faults:
            return  # it was reached with fewer faults since
        here = len(self._visited)
        self._visited.append(one)
        for move in self._moves.after(one.state, self._faults_max - one.faults):
            self._transitions += 1
            if move.breaches:
                self._note(move, one.faults + move.faults, here)
            else:
                self._reach(move.state, one.faults + move.faults, one.depth + 1, here)

    def _reach(self, state: State, faults: int, depth: int, parent: int) -> None:
        if self._faults.get(state, faults + 1) > faults:
            self._faults[state] = faults
            one = _Visited(state, faults, depth, parent)
            self._waiting[faults, depth].append(one)

    def _note(self, move: Move, faults: int, parent: int) -> None:
        for law in move.breaches:
            if law not in self._found and len(self._found) < VIOLATIONS_MAX:
                path = (*self._path(parent), move.words)
                self._found[law] = Violation(law=law, faults=faults, path=path)

    def _path(self, number: int) -> list[str]:
        """The moves to a state, in words: made again, for no state remembers how it was reached."""
        words: list[str] = []
        while (at := self._visited[number]).parent >= 0:
            before = self._visited[at.parent]
            moves = self._moves.after(before.state, at.faults - before.faults)
            words.append(next(move.words for move in moves if move.state == at.state))
            number = at.parent
        return words[::-1]
