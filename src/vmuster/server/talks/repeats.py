"""Troubles that come again and again: told a few times, and then for an hour no more.

A VM that hangs at every other look, or two reasons that take turns, are one piece of news. The
host's row always has the present words; it is the journal that they are not to fill. Kept in
memory: after a server's start what still lasts is told again.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final

import msgspec

from vmuster.model.changes import Changes
from vmuster.model.ids import HostId
from vmuster.ports.clock import Clock

TROUBLE: Final = "trouble"
"""The rule of a journal entry about a host's account that is missing or in doubt."""
TIMES_MAX: Final = 2
"""The same words about one host, in one `PERIOD_SECONDS`."""
WORDS_MAX: Final = 20
"""Different words about one host, in one `PERIOD_SECONDS`: an agent can say ever new ones."""
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
        self._told: dict[HostId, _Told] = {}

    def is_news(self, host: HostId, words: str) -> bool:
        """Whether `words` about `host` are to be told; that they are asked about counts."""
        now = self._clock.monotonic()
        told = self._told.get(host)
        if told is None or now - told.since >= PERIOD_SECONDS:
            told = self._told[host] = _Told(since=now)
        times = told.words.get(words, 0)
        if times >= TIMES_MAX or (not times and len(told.words) >= WORDS_MAX):
            return False
        told.words[words] = times + 1
        return True

    def unrepeated(self, changes: Changes) -> Changes:
        """`changes`, without the entries about troubles that are no news any more."""
        entries = tuple(
            entry
            for entry in changes.entries
            if entry.rule != TROUBLE or entry.host is None or self.is_news(entry.host, entry.what)
        )
        return msgspec.structs.replace(changes, entries=entries)

    def keep(self, hosts: Container[HostId]) -> None:
        """Forget every host but these."""
        self._told = {host: told for host, told in self._told.items() if host in hosts}
