"""Troubles that come again and again: told a few times, and then for an hour no more.

A VM that hangs at every other look, or two reasons that take turns, are one piece of news. The
host's row always has the present words; it is the journal that they are not to fill. That a host
is refused is counted by itself: no number of other troubles keeps it from being told. What was
told counts once it is written. Kept in memory: after a server's start what still lasts is told
again.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final

import msgspec

from vmuster.model.changes import Changes
from vmuster.model.ids import HostId
from vmuster.model.journal import JournalEntry
from vmuster.ports.clock import Clock

TROUBLE: Final = "trouble"
"""The rule of a journal entry about a host's account that is missing or in doubt."""
TURNED_AWAY: Final = "turned-away"
"""The rule of a journal entry about a host that is refused, whatever it would say."""
RENAMED: Final = "renamed"
"""The rule of a journal entry about a host that calls itself otherwise than before."""
_COUNTED: Final = frozenset({TROUBLE, TURNED_AWAY, RENAMED})
TIMES_MAX: Final = 2
"""The same words about one host by one rule, in one `PERIOD_SECONDS`."""
WORDS_MAX: Final = 20
"""Different words about one host by one rule, in one `PERIOD_SECONDS`: an agent can say ever new
ones."""
PERIOD_SECONDS: Final = 3600.0


@dataclass
class _Told:
    """How often each words were told since a moment of the monotonic clock."""

    since: float
    words: dict[str, int] = field(default_factory=dict[str, int])


class Repeats:
    """What one server has told of each host."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[tuple[HostId, str], _Told] = {}

    def unrepeated(self, changes: Changes) -> Changes:
        """`changes`, without the entries about troubles that are no news any more."""
        entries = tuple(entry for entry in changes.entries if self._is_news(entry))
        return msgspec.structs.replace(changes, entries=entries)

    def written(self, changes: Changes) -> None:
        """Count what `changes`, which are written now, have told."""
        for entry in changes.entries:
            if entry.host is not None and entry.rule in _COUNTED:
                words = self._of(entry.host, entry.rule).words
                words[entry.what] = words.get(entry.what, 0) + 1

    def _is_news(self, entry: JournalEntry) -> bool:
        if entry.host is None or entry.rule not in _COUNTED:
            return True
        words = self._of(entry.host, entry.rule).words
        times = words.get(entry.what, 0)
        return times < TIMES_MAX and (times > 0 or len(words) < WORDS_MAX)

    def _of(self, host: HostId, rule: str) -> _Told:
        """What was told of `host` by `rule` in the present period."""
        now, told = self._clock.monotonic(), self._told.get((host, rule))
        if told is None or now - told.since >= PERIOD_SECONDS:
            told = self._told[host, rule] = _Told(since=now)
        return told

    def keep(self, hosts: Container[HostId]) -> None:
        """Forget every host but these."""
        self._told = {about: told for about, told in self._told.items() if about[0] in hosts}
