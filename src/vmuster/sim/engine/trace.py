"""What happened, line by line in plain words, and one digest over all of it.

Two runs of one seed are the same run exactly if their digests are.
"""

import hashlib
from collections import deque
from typing import Final

KEPT_MAX: Final = 4_000
"""Lines kept of a run; the digest is over all."""


class Trace:
    """The lines of one run. `keep`: how many of the last ones are kept (None: all)."""

    def __init__(self, keep: int | None = KEPT_MAX) -> None:
        self.lines: deque[str] = deque(maxlen=keep)
        self.loud: list[str] = []
        """What a person who follows the run wants to read: acts, decisions, faults."""
        self.count = 0
        self._digest = hashlib.sha256()

    def note(self, at: float, who: str, what: str, *, loud: bool = True) -> None:
        """Something happened at this moment (seconds since the start of the run)."""
        line = f"{at:10.3f}  {who}: {what}"
        self.count += 1
        self._digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
        self.lines.append(line)
        if loud:
            self.loud.append(line)

    @property
    def digest(self) -> str:
        """64 hex digits."""
        return self._digest.hexdigest()
