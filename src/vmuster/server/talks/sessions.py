"""One conversation with one agent: greet it and take in what it says; `telling` tells it its due.

Tasks of its own for each host, so that one hung host delays no other (L13).
"""

from typing import Final

import msgspec
import structlog

from vmuster.model.commands import CommandResult
from vmuster.model.errors import Unavailable
from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.model.journal import EntryKind
from vmuster.model.messages import (
    Acknowledged,
    Answered,
    Delivered,
    Heard,
    Heartbeat,
    Hello,
    Trouble,
)
from vmuster.model.plan import LookWish
from vmuster.model.text import safe
from vmuster.model.wire import BadMessage, encode
from vmuster.ports.link import LinkEnd
from vmuster.server.context import Context
from vmuster.server.figures.catalogue import PASSES
from vmuster.server.figures.labels import PassOutcome
from vmuster.server.passes.hearing import Hearing
from vmuster.server.talks.greeting import greet
from vmuster.server.talks.inbox import Inbox
from vmuster.server.talks.pace import Pace
from vmuster.server.talks.results import note_result
from vmuster.server.talks.telling import RETRY_SECONDS, Teller
from vmuster.server.talks.troubles import note_trouble
from vmuster.server.watch.jumps import heed_jump

_log = structlog.get_logger("vmuster.session")
_BAD: Final = "bad message"
_ANEW_SECONDS: Final = 30.0
"""After a refusal: then the conversation ends, and a new one begins with a new greeting."""
_GREETING_SECONDS: Final = 1.0
"""Between two greetings in one conversation: the second one waits, and what is said after it."""
_NEVER: Final = -_GREETING_SECONDS


class Session:
    """The conversation with one host's agent. `hearing` takes the reports of every host in."""

    __slots__ = (
        "_context",
        "_greeted_at",
        "_hearing",
        "_host",
        "_inbox",
        "_link",
        "_pace",
        "_refused_at",
        "teller",
    )

    def __init__(self, context: Context, hearing: Hearing, host: HostId, link: LinkEnd) -> None:
        self._context = context
        self._hearing = hearing
        self._host = host
        self._link = link
        self._refused_at: float | None = None
        self._greeted_at = _NEVER
        self._pace = Pace(context.shares, context.clock)
        self._inbox = Inbox(link, self._pace)
        self.teller = Teller(context, host, link)

    async def run(self) -> None:
        """Hear the agent and tell it its due, until the link closes: raises `LinkClosed`."""
        try:
            with self._pace:
                while True:
                    await self._pace.turn()
                    # who waits for the next one holds none: there may be ten thousand hosts
                    await self._hear(await self._inbox.next())
        finally:
            self.teller.end()

    async def _hear(self, message: Heard | BadMessage) -> None:
        """One message. A greeting that can't be answered ends the conversation, and a new one
        begins; anything else can be said again in this one.
        """
        self._context.pulses.heard(self._host)
        match message:
            case BadMessage():
                await self._refuse(message)
            case Hello():
                await self._greet(message)
            case _ if self._refused_at is None:
                await self._attend(message)
            case _ if self._context.clock.monotonic() - self._refused_at >= _ANEW_SECONDS:
                self._link.close()
            case _:
                _log.info("not heard: its host was refused", host=self._host)

    async def _attend(self, message: Delivered | Answered | Trouble | Heartbeat) -> None:
        """Take in what is said. Where the database does not answer, it is not acknowledged, and
        the agent is asked to say it again; what follows from a report may be written all the same,
        so the outbox is read.
        """
        try:
            match message:
                case Delivered():
                    await self._take(message)
                case Answered(result=result):
                    await self._note(result)
                case Trouble(what=what):
                    self._pace.worked()
                    self._context.pulses.troubled(self._host, safe(what))
                    await note_trouble(self._context, self._host, what)
                case Heartbeat():
                    await self._feel(message)
        except BadMessage as error:
            await self._refuse(error)
        except Unavailable as error:
            _log.warning("not taken in", host=self._host, why=repr(error))
            await self._context.clock.sleep(RETRY_SECONDS)
            if isinstance(message, Answered):
                self.teller.send_again(message.result.command)
            elif isinstance(message, Delivered):
                self.teller.outbox_changed()
            self.teller.ask(LookWish(host=self._host))

    async def _note(self, result: CommandResult) -> None:
        """Write an answer down, and have its VM looked at: that settles it. What was asked for
        is no flood, however much it was."""
        if not self.teller.awaits(result.command):
            self._pace.worked()
        said = msgspec.structs.replace(result, message=safe(result.message))
        wish = await note_result(self._context, said)
        self.teller.answered(result.command)
        if wish is not None:
            self.teller.ask(wish)

    async def _greet(self, hello: Hello) -> None:
        """Issue an epoch and have the agent welcomed. Of a refused host nothing more is heard, and
        it is told nothing, until an agent greets anew: in a while in another conversation, for
        what was wrong may have been put right.
        """
        clock = self._context.clock
        await clock.sleep(max(0.0, self._greeted_at + _GREETING_SECONDS - clock.monotonic()))
        self._greeted_at = clock.monotonic()
        epoch = await greet(self._context, self._host, hello)
        self._refused_at = None if epoch else self._refused_at or clock.monotonic()
        if epoch:
            self._context.pulses.reached(self._host)
            self.teller.greeted(epoch)
        else:
            self.teller.refused()

    async def _feel(self, beat: Heartbeat) -> None:
        """A sign of life; written down by the sweep, where it changes anything."""
        if beat.host == self._host:
            self._context.pulses.beat(beat, safe(beat.why))
            self.teller.goes_by(beat.epoch, beat.settings)
        else:
            await self._misbehaved("the agent spoke of another host")

    async def _take(self, report: Delivered) -> None:
        stamp = report.stamp
        if stamp.host != self._host:
            await self._misbehaved("the agent spoke of another host")
            return
        known = self._hearing.known(report)
        if not known:
            await heed_jump(self._context)
        superseded = not known and self._inbox.superseded(report)
        if superseded:
            self._context.figures.add(PASSES, PassOutcome.SUPERSEDED)
        elif not known and not await self._judge(report):
            return
        acknowledged = Acknowledged(
            epoch=stamp.epoch,
            sequence=stamp.sequence,
            intake=self._context.intakes.last,
            superseded=superseded,
            retry_after=max(self._pace.wait_seconds(), self._hearing.behind_seconds()),
        )
        await self._link.send(encode(acknowledged))

    async def _judge(self, report: Delivered) -> bool:
        """Have a report judged; whether the conversation goes on."""
        self._pace.worked()
        refused = await self._hearing.hear(report)
        if not refused:
            return True
        _log.info("report not applied", host=self._host, why=refused)
        if await self._outdone():
            self._link.close()
            return False
        return True

    async def _outdone(self) -> bool:
        """Whether the host was greeted elsewhere since, so that this conversation is over."""
        now = await self._context.store.get(Host, self._host)
        return now is not None and self.teller.outdone(now.epoch)

    async def _refuse(self, error: BadMessage) -> None:
        await self._misbehaved(f"{_BAD}: {error}", gist=_BAD)

    async def _misbehaved(self, what: str, *, gist: str = "") -> None:
        """The agent says what no agent of ours says: told once, however it goes on."""
        self._pace.worked()
        await note_trouble(self._context, self._host, what, kind=EntryKind.ALERT, gist=gist)
