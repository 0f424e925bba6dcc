"""Chance from a seed: one stream for each purpose, so that a change in one shifts no other.

Everything is drawn by `Random.random()` alone: of that, and of a seed that is text, Python promises
that another version gives the same; of `sample`, `choices`, `getrandbits` and their like it does
not.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


class Chance:
    """A stream of chance. The same seed and purpose give the same stream, on every machine."""

    def __init__(self, seed: int, purpose: str = "") -> None:
        self.seed = seed
        self._purpose = purpose
        self._random = Random(f"{seed}/{purpose}")  # noqa: S311  # nothing here is a secret

    def stream(self, purpose: str) -> "Chance":
        """Another stream, for this purpose."""
        return Chance(self.seed, f"{self._purpose}/{purpose}")

    def share(self) -> float:
        """A number from 0 up to 1."""
        return self._random.random()

    def happens(self, share: float) -> bool:
        """Whether something happens that does in this share of cases."""
        return self._random.random() < share

    def between(self, least: float, most: float) -> float:
        """A number in this range."""
        return least + (most - least) * self._random.random()

    def whole(self, least: int, most: int) -> int:
        """A whole number in this range, both ends included."""
        return least + int(self._random.random() * (most - least + 1))

    def one_of(self, choices: Sequence[T]) -> T:
        """One of these."""
        return choices[int(self._random.random() * len(choices))]

    def some_of(self, choices: Sequence[T], count: int) -> list[T]:
        """So many different ones of these, or all, in an order of chance."""
        left = list(choices)
        return [left.pop(self.whole(0, len(left) - 1)) for _ in range(min(count, len(left)))]

    def weighted(self, choices: Sequence[T], weights: Sequence[float]) -> T:
        """One of these, the heavier the likelier."""
        heights = list(accumulate(weights))
        return choices[bisect_right(heights, self._random.random() * heights[-1])]

    def delay(self, usual: float) -> float:
        """About `usual` seconds, with a heavy tail: one delay in a hundred is 20 times as long."""
        tail = 20.0 if self._random.random() < 0.01 else 1.0
        return usual * tail * (0.5 + self._random.random())

    def uuid(self) -> UUID:
        """A uuid, of version 4 by its form."""
        return UUID(bytes=self.bytes(16), version=4)

    def bytes(self, count: int) -> bytes:
        """So many bytes."""
        return bytes(int(self._random.random() * 256) for _ in range(count))
