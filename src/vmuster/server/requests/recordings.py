"""A recording of passes, as people ask for it: begun, ended, dropped, fetched; and audited."""

from typing import Final

from vmuster.model.changes import Changes
from vmuster.model.errors import NotFound, Refused, Unavailable
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.text import safe
from vmuster.server.context import Context
from vmuster.server.passes.recording import Recording

HOURS: Final = 24
"""How long a recording goes on where nobody says so."""
MIB: Final = 64
"""How much of it is kept where nobody says so: of the recorded, the newest."""
HOURS_MAX: Final = 31 * 24
MIB_MAX: Final = 4096
_MIB_BYTES: Final = 1 << 20
_HOUR_SECONDS: Final = 3600.0
_START: Final = "vmuster record start"


class Recordings:
    """Takes requests about the recording of one server."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = context.recorder

    async def run(self) -> None:
        """Write down what is to be kept, for ever."""
        await self._recorder.run()

    def show(self) -> Recording:
        """The recording as it stands."""
        return self._recorder.recording

    async def start(self, *, hours: int = HOURS, mib: int = MIB, actor: str) -> Recording:
        """Keep every pass from now on, for `hours`, and no more than `mib`; the recording before is
        dropped. Raises `Refused` where one runs."""
        now = self._context.clock.now()
        if self.show().runs(now):
            raise Refused(
                "a recording runs already",
                hint="vmuster record stop; a new one drops what was recorded before",
            )
        ends_at, size_max = now + hours * _HOUR_SECONDS, mib * _MIB_BYTES
        recording = Recording(started_at=now, ends_at=ends_at, size_max=size_max)
        await self._audited(f"a recording was started: {hours} h, {mib} MiB", actor)
        try:
            await self._recorder.begin(recording)
        except OSError as error:
            raise _disk(error) from error
        return self.show()

    async def stop(self, *, actor: str) -> Recording:
        """Keep no more passes; what was recorded stays. Raises `Refused` where none runs."""
        if not self.show().runs(self._context.clock.now()):
            raise Refused("no recording runs", hint=_START)
        await self._audited("the recording was stopped", actor)
        try:
            await self._recorder.end(f"by {actor}")
        except OSError as error:
            raise _disk(error) from error
        return self.show()

    async def drop(self, *, actor: str) -> Recording:
        """Drop all that was recorded; one that runs is over. Raises `NotFound` where there is
        nothing."""
        if not self.show().started_at:
            raise NotFound("there is no recording", hint=_START)
        await self._audited("the recording was dropped", actor)
        try:
            await self._recorder.drop()
        except OSError as error:
            raise _disk(error) from error
        return self.show()

    async def segment(self, number: int) -> bytes:
        """A part of the recording, as it lies on the disk. Raises `NotFound`."""
        try:
            found = await self._recorder.segment(number)
        except OSError as error:
            raise _disk(error) from error
        if found is None:
            raise NotFound(
                f"there is no segment {number} of a recording",
                hint="vmuster record show; the oldest are dropped when there is no room",
            )
        return found

    async def _audited(self, what: str, actor: str) -> None:
        """Written down first: no recording is made of which the journal does not know."""
        at = self._context.clock.now()
        entry = JournalEntry(at=at, kind=EntryKind.AUDIT, actor=actor, what=what)
        await self._context.store.commit((Changes(entries=(entry,)),))


def _disk(error: OSError) -> Unavailable:
    return Unavailable(
        f"the recording can't be written or read: {safe(str(error.strerror or error))}",
        hint="see to the disk of the server's state folder",
    )
