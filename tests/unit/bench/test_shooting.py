"""Agents report each VM once, hear what comes of it, and say it again where they are asked."""

import asyncio
from pathlib import Path

import pytest

from bench import events, fleets, resting
from bench.fleets import Shape
from bench.serving import serving
from bench.shooting import Agents
from vmuster.model.commands import OutboxCommand
from vmuster.model.states import PowerState

pytestmark = pytest.mark.anyio
SHAPE = Shape(hosts=3, vms=4, power=PowerState.STOPPED)


async def test_every_event_of_every_host_but_the_loud_one_is_answered_once(tmp_path: Path) -> None:
    database = await asyncio.to_thread(fleets.copied, SHAPE, tmp_path)
    async with events.enforced(database, SHAPE) as (server, messages):
        loud, *others = messages
        agents = Agents(server, messages, loud)
        assert await agents.sustained(60.0, 3) > 0
        assert len(agents.latencies) == 3
        assert await agents.sustained(60.0, 100) > 0
        assert agents.open == 0
        assert len(agents.latencies) == 8
        assert list(agents.events()) == []
        sent = await server.service.store.find(OutboxCommand)
        assert {row.host for row in sent} == set(others)
        assert len({row.vm for row in sent}) == len(sent) == 8


async def test_what_is_open_is_said_again_where_a_look_is_asked_for(tmp_path: Path) -> None:
    messages = dict(await fleets.reports_of(SHAPE))
    async with serving(fleets.copied(SHAPE, tmp_path)) as server:
        server.heard.welcomes = dict.fromkeys(messages, resting.EPOCH)
        loud, host, _ = messages
        agents = Agents(server, messages, loud)
        await agents.say(next(agents.events()), 0.0)  # under `drift: record` nothing answers it
        await server.taken_in()
        agents.asked(host)
        await agents.listen()
        await server.taken_in()
        assert server.heard.acknowledged == 2
        assert agents.open == 1
