"""What one agent has said and nobody has taken in yet: in its order, and bounded.

Nobody needs to judge a whole account of a host when a later one is here already. So the inbox can
look ahead, and says which reports are superseded. One that says more than which VMs there are never
is, and one that is not whole: it may tell of what has passed by now, and that a VM is gone for
certain an agent says once. Nor is one for which another was passed over: so who always has more to
say is judged all the same. What is looked at is kept, in its order, until it is taken.
"""

import asyncio
from typing import Final

from vmuster.model.messages import Delivered, Heard
from vmuster.model.report import Stamp
from vmuster.model.wire import BadMessage, hear, is_plain
from vmuster.ports.link import LinkEnd
from vmuster.server.talks.pace import Pace

_AHEAD_MAX: Final = 64
_AHEAD_BYTES_MAX: Final = 1024 * 1024
"""What is looked at, ahead, at the most: nobody else is served meanwhile."""


class Inbox:
    """What comes in by one link. `pace`: of the host, which is told of whatever is read."""

    __slots__ = ("_ahead", "_link", "_newest", "_owed", "_pace")

    def __init__(self, link: LinkEnd, pace: Pace) -> None:
        self._link = link
        self._pace = pace
        self._ahead: list[Heard | BadMessage] = []
        self._newest: Stamp | None = None
        """Of the plain accounts that were seen ahead, the last one."""
        self._owed: Stamp | None = None
        """The one for which another was passed over: it is judged itself."""

    async def next(self) -> Heard | BadMessage:
        """The next message, or what is wrong with it; waits for one. Raises `LinkClosed`."""
        if self._ahead:
            await asyncio.sleep(0)  # as a link does: who is sent much keeps nobody waiting (L13)
            return self._ahead.pop(0)
        return self._read(await self._link.receive())

    def superseded(self, report: Delivered) -> bool:
        """Whether `report`, which was just taken, is plain, and a later one of the same epoch that
        is plain too has come in."""
        stamp, owed = report.stamp, self._owed
        if stamp == owed:
            return False
        self._look_ahead()
        newest = self._newest
        if newest is None or (newest.host, newest.epoch) != (stamp.host, stamp.epoch):
            return False
        if newest.sequence <= stamp.sequence or not is_plain(report):
            return False
        if owed is None or _later(owed, stamp) is stamp:
            self._owed = newest
        return True

    def _look_ahead(self) -> None:
        room = _AHEAD_BYTES_MAX
        while len(self._ahead) < _AHEAD_MAX and room > 0:
            data = self._link.waiting()
            if data is None:
                return
            room -= len(data)
            message = self._read(data)
            self._ahead.append(message)
            if isinstance(message, Delivered) and is_plain(message):
                self._newest = _later(self._newest, message.stamp)

    def _read(self, data: bytes) -> Heard | BadMessage:
        self._pace.listened(len(data))
        try:
            return hear(data)
        except BadMessage as error:
            return error


def _later(one: Stamp | None, other: Stamp) -> Stamp:
    if one is None or (one.epoch, one.sequence) < (other.epoch, other.sequence):
        return other
    return one
