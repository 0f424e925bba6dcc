"""The head of the journal in the log."""

import asyncio

import pytest
from structlog.testing import capture_logs

from tests.fleets import running_fleet
from tests.servers import Bench, seen, vm
from vmuster.model.errors import Unavailable
from vmuster.server.answers.anchor import head
from vmuster.server.watch.anchors import EVERY_SECONDS, Anchors

pytestmark = pytest.mark.anyio


async def test_the_head_is_logged_at_once_and_every_hour(parts: Bench) -> None:
    slept: list[float] = []
    clock = parts.clock

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise asyncio.CancelledError
        await parts.report(await parts.host(), seen(vm(1)))

    before = (await head(parts.store)).anchor
    with pytest.MonkeyPatch.context() as patch, capture_logs() as logs:
        patch.setattr(clock, "sleep", sleep)
        with pytest.raises(asyncio.CancelledError):
            await Anchors(parts.store, clock).run()
    after = (await head(parts.store)).anchor
    told = [entry["anchor"] for entry in logs if entry["event"] == "journal head"]
    assert told == [before, after]
    assert before != after
    assert slept == [EVERY_SECONDS, EVERY_SECONDS]


async def test_a_head_that_cant_be_read_costs_itself(parts: Bench) -> None:
    async def find(*_: object, **__: object) -> None:
        raise Unavailable("the disk is gone")

    with pytest.MonkeyPatch.context() as patch, capture_logs() as logs:
        patch.setattr(parts.store, "find", find)
        await Anchors(parts.store, parts.clock).once()
    (entry,) = logs
    assert entry["log_level"] == "error"
    assert "the disk is gone" in entry["why"]


async def test_a_server_logs_the_head_when_it_starts_and_when_it_stops(anyio_backend: str) -> None:
    with capture_logs() as logs:
        async with running_fleet("alpha") as fleet:
            await fleet.add_host("alpha")
            last = (await head(fleet.store)).id
    told = [int(e["anchor"].partition(":")[0]) for e in logs if e["event"] == "journal head"]
    assert len(told) == 2
    assert told[0] < last <= told[1]
