"""How fast a server listens to each host: as fast as it talks, and for a flood in its turn.

Whatever a host says is taken out of its allowance; where that is used up, it is heard again when
there is some, and what it says meanwhile waits in its link, where room is bounded (L10). The
allowance grows with time, and where many hosts have much to say, with what the others say: a whole
fleet in a storm is no flood. So a host that says a thousand times as much as any other takes a
small and constant part of everybody's time (L13). An agent is told with each acknowledgement when
it may speak again, and puts into one report what it would have said in many.
"""

from typing import Final

from vmuster.ports.clock import Clock

PER_SECOND: Final = 10.0
"""Reports of one host, at least: a person notices no tenth of a second."""
AT_ONCE: Final = 10.0
"""Reports that a host may have saved up."""
_TIMES_THE_OTHERS: Final = 4.0
"""So much more than the others, on an average, may be said by one host."""
_SLIGHT: Final = 0.05
"""What it takes to read a short message, in reports."""
_BYTES: Final = 256 * 1024
"""So long is a message that takes as much to read and to hash as a short report in all."""


class Shares:
    """What the hosts of one server take of its time. `spent`: by all, in reports, since it began;
    `hosts`: how many are talked to."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.hosts = 0


class Pace:
    """The allowance of one host, in reports. As a context: its host is counted among those that are
    talked to."""

    __slots__ = ("_clock", "_left", "_shares", "_since", "_spent")

    def __init__(self, shares: Shares, clock: Clock) -> None:
        self._shares = shares
        self._clock = clock
        self._left = AT_ONCE
        self._spent = 0.0
        self._since = (clock.monotonic(), 0.0, shares.spent)
        """The last time that the allowance grew: when, and what this host and all had spent."""

    def __enter__(self) -> None:
        self._shares.hosts += 1

    def __exit__(self, *_raised: object) -> None:
        self._shares.hosts -= 1

    def listened(self, length: int) -> None:
        """A message of so many bytes was read."""
        self._spend(max(_SLIGHT, length / _BYTES))

    def worked(self) -> None:
        """What it says goes through the database."""
        self._spend(1.0)

    def _spend(self, reports: float) -> None:
        self._left -= reports
        self._spent += reports
        self._shares.spent += reports

    async def turn(self) -> None:
        """Wait until the next message may be taken in."""
        while seconds := self.wait_seconds():
            await self._clock.sleep(seconds)

    def wait_seconds(self) -> float:
        """How long until the next message may be taken in."""
        if self._left > 0:
            return 0.0
        per_second = self._grow()
        return (_SLIGHT - self._left) / per_second if self._left <= 0 else 0.0

    def _grow(self) -> float:
        """Let the allowance grow; returns by how much it does in a second."""
        now, shares = self._clock.monotonic(), self._shares
        then, own, all_ = self._since
        seconds = now - then
        if seconds <= 0:
            return PER_SECOND
        others = (shares.spent - all_) - (self._spent - own)
        mean = others / max(1, shares.hosts - 1) / seconds
        per_second = max(PER_SECOND, _TIMES_THE_OTHERS * mean)
        self._left = min(AT_ONCE, self._left + seconds * per_second)
        self._since = now, self._spent, shares.spent
        return per_second
