"""How often somebody may do something: a bucket for what comes in bursts, a window for the rest.

Both remember a bounded number of people: whom they forget, when there are too many, they take for
somebody new.
"""

import math
from collections import OrderedDict, deque
from typing import Final

from vmuster.ports.clock import Clock

REMEMBERED_MAX: Final = 10_000
"""People that one of them remembers."""


class Bucket:
    """`per_second` on the average, and `burst` at once."""

    def __init__(self, clock: Clock, *, per_second: float, burst: int) -> None:
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> float:
        """Take one; the seconds to wait for it where there is none, and nothing is taken then."""
        now = self._clock.monotonic()
        left, at = self._left.pop(who, (float(self._burst), now))
        left = min(float(self._burst), left + (now - at) * self._per_second)
        short = max(0.0, 1.0 - left)
        self._left[who] = (left if short else left - 1.0, now)
        _forget(self._left)
        return short / self._per_second


class Window:
    """At most `times` in any `seconds`."""

    def __init__(self, clock: Clock, *, times: int, seconds: float) -> None:
        self._clock = clock
        self._times = times
        self._seconds = seconds
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, who: str) -> float:
        """Take one; the seconds to wait for it where there is none, and nothing is taken then."""
        now = self._clock.monotonic()
        taken = self._taken.pop(who, None) or deque[float](maxlen=self._times)
        self._taken[who] = taken
        _forget(self._taken)
        wait = taken[0] + self._seconds - now if len(taken) == self._times else 0.0
        if wait > 0:
            return wait
        taken.append(now)
        return 0.0


def whole_seconds(wait: float) -> int:
    """A wait as `Retry-After` says it: never too short."""
    return max(1, math.ceil(wait))


def _forget(
    known: "OrderedDict[str, tuple[float, float]] | OrderedDict[str, deque[float]]",
) -> None:
    """Forget who has not been seen for longest, where there are too many."""
    if len(known) > REMEMBERED_MAX:
        known.popitem(last=False)
