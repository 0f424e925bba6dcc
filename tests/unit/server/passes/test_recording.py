"""Passes are kept where somebody wants that, and no pass ever waits for it, or fails by it."""

import asyncio
import errno
import threading
from collections.abc import Sequence

import msgspec
import pytest
from structlog.testing import capture_logs

from tests.servers import Bench, seen, vm
from vmuster.model.journal import EntryKind
from vmuster.reconcile.passed import Passed, again, decided
from vmuster.server.passes import recording as module
from vmuster.server.passes.intake import take_in
from vmuster.server.passes.recording import Recorder, Recording, Segment, Unkept

pytestmark = pytest.mark.anyio
LONG = Recording(started_at=1.0, ends_at=9e9, size_max=1000)


class Kept(Unkept):
    """Keeps passes in memory; `full`: nothing can be written any more; `slow` is waited for."""

    def __init__(self, recording: Recording = LONG) -> None:
        super().__init__(recording)
        self.passes: list[Passed] = []
        self.full = False
        self.slow = threading.Event()
        self.slow.set()
        self.written = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def write(self, passes: Sequence[Passed]) -> None:
        assert self.slow.wait(20)
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.passes += passes
        self._loop.call_soon_threadsafe(self.written.set)

    def end(self, why: str) -> None:
        super().end(why)
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")


def recording_at(parts: Bench, place: Unkept) -> Recorder:
    recorder = Recorder(parts.store, parts.clock, place)
    parts.context.recorder = recorder
    return recorder


async def test_a_pass_is_kept_with_all_that_it_went_by(parts: Bench) -> None:
    place = Kept()
    recorder, host = recording_at(parts, place), await parts.host()
    await parts.adopted(host, vm(1))
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))), seen(vm(2)))
    await recorder.flush()
    numbers = [each.given.recorded.intake for each in place.passes]
    assert (len(numbers), numbers) == (3, sorted(set(numbers)))
    last = place.passes[-1]
    assert [one.name for one in last.given.report.vms] == ["vm-1", "vm-2"]
    assert {one.finding for one in last.decided} == {"in_sync", "alien"}
    for each in place.passes:
        assert decided(again(each.given)) == each.decided


async def test_what_was_not_applied_is_not_kept(parts: Bench) -> None:
    place = Kept()
    recorder, host = recording_at(parts, place), await parts.host()
    await parts.report(host, seen(vm(1)))
    await recorder.flush()
    repeated = place.passes[0].given.report
    assert await take_in(parts.context, parts.heard, repeated) != ""
    await recorder.flush()
    assert len(place.passes) == 1


@pytest.mark.parametrize(
    "recording",
    [
        Recording(),
        msgspec.structs.replace(LONG, ends_at=1_000_000.0),
        msgspec.structs.replace(LONG, stopped="by ann"),
    ],
    ids=["never begun", "over", "stopped"],
)
async def test_without_a_recording_nothing_is_kept(parts: Bench, recording: Recording) -> None:
    place = Kept(recording)
    recorder, host = recording_at(parts, place), await parts.host()
    await parts.report(host, seen(vm(1)))
    await recorder.flush()
    assert place.passes == []


async def test_it_goes_on_until_its_end(parts: Bench) -> None:
    place = Kept(msgspec.structs.replace(LONG, ends_at=parts.clock.now() + 10))
    recorder, host = recording_at(parts, place), await parts.host()
    await parts.report(host)
    parts.clock.pass_by(10)
    await parts.report(host)
    await recorder.flush()
    assert len(place.passes) == 1


async def test_no_pass_waits_for_a_slow_disk_and_what_is_too_much_is_missed(
    parts: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_ROWS_MAX", 5)
    place = Kept()
    place.slow.clear()
    recorder, host = recording_at(parts, place), await parts.host()
    running = asyncio.create_task(recorder.run())
    await parts.report(host, seen(vm(1)))
    await asyncio.sleep(0)  # it is being written now, and hangs
    for _ in range(10):
        assert await parts.report(host, seen(vm(1))) == ""
    place.slow.set()
    await recorder.flush()
    assert recorder.recording.missed > 0
    assert len(place.passes) + recorder.recording.missed == 11
    running.cancel()


async def test_a_large_pass_alone_is_kept_all_the_same(
    parts: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_ROWS_MAX", 1)
    place = Kept()
    recorder, host = recording_at(parts, place), await parts.host()
    await parts.report(host, seen(vm(1)), seen(vm(2)))
    await recorder.flush()
    assert len(place.passes) == 1


async def test_what_waits_is_written_by_itself(parts: Bench) -> None:
    place = Kept()
    recorder, host = recording_at(parts, place), await parts.host()
    running = asyncio.create_task(recorder.run())
    await parts.report(host)
    await asyncio.wait_for(place.written.wait(), 20)
    assert len(place.passes) == 1
    running.cancel()


async def test_a_full_disk_ends_the_recording_with_an_alert_and_harms_no_pass(
    parts: Bench,
) -> None:
    place = Kept()
    place.full = True
    recorder, host = recording_at(parts, place), await parts.host()
    running = asyncio.create_task(recorder.run())
    with capture_logs() as logs:
        assert await parts.report(host, seen(vm(1))) == ""
        await recorder.flush()
    words = [line["why"] for line in logs if line["event"] == "the recording is over"]
    assert words == ["OSError(28, 'No space left on device')"]
    assert "No space left" in recorder.recording.stopped
    alerts = [each for each in await parts.journal() if each.kind is EntryKind.ALERT]
    assert ["the recording has ended" in each.what for each in alerts] == [True]
    assert await parts.report(host, seen(vm(1))) == ""
    await recorder.flush()
    assert len([e for e in await parts.journal() if e.kind is EntryKind.ALERT]) == 1
    assert not running.done()
    running.cancel()


async def test_what_no_json_can_hold_ends_it_too(parts: Bench) -> None:
    class Choosy(Kept):
        def write(self, passes: Sequence[Passed]) -> None:
            raise ValueError("surrogates not allowed")

    recorder, host = recording_at(parts, Choosy()), await parts.host()
    assert await parts.report(host) == ""
    await recorder.flush()
    assert "surrogates" in recorder.recording.stopped


async def test_an_end_comes_after_what_was_kept_until_then(parts: Bench) -> None:
    place = Kept()
    recorder, host = recording_at(parts, place), await parts.host()
    await parts.report(host)
    await recorder.end("by ann")
    assert (len(place.passes), recorder.recording.stopped) == (1, "by ann")


async def test_what_still_waits_when_it_has_ended_is_missed(parts: Bench) -> None:
    place = Kept()
    recorder, host = recording_at(parts, place), await parts.host()
    await parts.report(host)
    place.end("by ann")
    await recorder.flush()
    assert (place.passes, recorder.recording.missed) == ([], 1)


async def test_what_begins_anew_or_is_dropped_forgets_what_waits(parts: Bench) -> None:
    place = Kept()
    recorder, host = recording_at(parts, place), await parts.host()
    await parts.report(host)
    await recorder.begin(LONG)
    await parts.report(host)
    await recorder.drop()
    await recorder.flush()
    assert place.passes == []
    assert recorder.recording == Recording()


async def test_a_place_in_vain_tells_of_another_and_keeps_nothing() -> None:
    known = msgspec.structs.replace(LONG, segments=(Segment(number=1, size=10),), size=10)
    place = Unkept(known)
    place.write([])
    assert place.recording == known
    assert place.segment(1) is None
    place.end("by ann")
    assert (place.recording.stopped, known.stopped) == ("by ann", "")
    place.begin(LONG)
    assert place.recording == LONG
    place.drop()
    assert place.recording == Recording()
