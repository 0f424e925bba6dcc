"""A recording is begun, ended and dropped by a person, once each, and the journal says by whom."""

import errno
from collections.abc import Awaitable, Callable

import pytest

from tests.servers import Bench
from vmuster.model.errors import NotFound, Refused, Unavailable
from vmuster.model.journal import EntryKind
from vmuster.server.passes.recording import Recorder, Recording, Unkept
from vmuster.server.requests.recordings import HOURS, MIB, Recordings

pytestmark = pytest.mark.anyio


class Full(Unkept):
    """A disk on which nothing can be done."""

    def _refuse(self, *_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    begin = end = drop = segment = _refuse  # pyright: ignore[reportAssignmentType]


class One(Unkept):
    """Has a segment."""

    def segment(self, number: int) -> bytes | None:
        return b"lines" if number == 1 else None


def recordings_at(parts: Bench, place: Unkept | None = None) -> Recordings:
    parts.context.recorder = Recorder(parts.store, parts.clock, place or Unkept())
    return Recordings(parts.context)


async def audited(parts: Bench) -> list[tuple[str, str]]:
    entries = [e for e in await parts.journal() if e.kind is EntryKind.AUDIT]
    return [(e.actor, e.what) for e in entries if "recording" in e.what]


async def test_it_goes_on_for_as_long_as_was_said_and_is_written_down(parts: Bench) -> None:
    recordings, now = recordings_at(parts), parts.clock.now()
    begun = await recordings.start(hours=2, mib=8, actor="ann")
    assert begun == recordings.show()
    assert (begun.started_at, begun.ends_at, begun.size_max) == (now, now + 7200, 8 << 20)
    assert await audited(parts) == [("ann", "a recording was started: 2 h, 8 MiB")]


async def test_where_nothing_is_said_it_is_a_day_and_some_mib(parts: Bench) -> None:
    begun = await recordings_at(parts).start(actor="ann")
    assert begun.ends_at - begun.started_at == HOURS * 3600 == 86_400
    assert begun.size_max == MIB << 20 == 64 << 20


async def test_one_that_runs_is_not_begun_again_and_one_that_is_over_is(parts: Bench) -> None:
    recordings = recordings_at(parts)
    await recordings.start(hours=1, actor="ann")
    with pytest.raises(Refused, match="runs already") as refusal:
        await recordings.start(actor="bert")
    assert "vmuster record stop" in refusal.value.hint
    parts.clock.pass_by(3600)
    assert (await recordings.start(hours=1, actor="bert")).started_at == parts.clock.now()
    assert [actor for actor, _ in await audited(parts)] == ["ann", "bert"]


async def test_it_is_stopped_once_and_stays(parts: Bench) -> None:
    recordings = recordings_at(parts)
    with pytest.raises(Refused, match="no recording runs"):
        await recordings.stop(actor="ann")
    await recordings.start(actor="ann")
    stopped = await recordings.stop(actor="bert")
    assert (stopped.stopped, stopped.runs(parts.clock.now())) == ("by bert", False)
    assert stopped.started_at
    with pytest.raises(Refused, match="no recording runs"):
        await recordings.stop(actor="ann")
    assert (await audited(parts))[-1] == ("bert", "the recording was stopped")


async def test_it_is_dropped_while_it_runs_or_after(parts: Bench) -> None:
    recordings = recordings_at(parts)
    with pytest.raises(NotFound, match="there is no recording"):
        await recordings.drop(actor="ann")
    await recordings.start(actor="ann")
    assert await recordings.drop(actor="bert") == Recording()
    assert (await audited(parts))[-1] == ("bert", "the recording was dropped")


async def test_a_segment_is_given_or_is_not_there(parts: Bench) -> None:
    recordings = recordings_at(parts, One())
    assert await recordings.segment(1) == b"lines"
    with pytest.raises(NotFound, match="no segment 2"):
        await recordings.segment(2)


async def test_a_full_disk_is_no_fault_of_who_asks(parts: Bench) -> None:
    none, running = Recording(), Recording(started_at=1.0, ends_at=9e9, size_max=1)
    asked: list[tuple[Recording, Callable[[Recordings], Awaitable[object]]]] = [
        (none, lambda it: it.start(actor="ann")),
        (running, lambda it: it.stop(actor="ann")),
        (running, lambda it: it.drop(actor="ann")),
        (running, lambda it: it.segment(1)),
    ]
    for recording, ask in asked:
        with pytest.raises(Unavailable, match="No space left"):
            await ask(recordings_at(parts, Full(recording)))
