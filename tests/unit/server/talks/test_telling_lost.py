"""A welcome or settings that are lost on the way to an agent are told again, and no others."""

import pytest

from tests.agents import Agent, fresh, talking
from tests.servers import Bench
from vmuster.model.messages import (
    Configure,
    Heartbeat,
    Settings,
    Welcome,
    digest_of_settings,
)
from vmuster.model.states import HostMode

pytestmark = pytest.mark.anyio


async def _beat(agent: Agent, settings: str, epoch: int = 1) -> None:
    beat = Heartbeat(host=agent.host.id, answers=True, epoch=epoch, settings=settings)
    await agent.say(beat)


async def _changed(parts: Bench, agent: Agent) -> tuple[Settings, Settings]:
    """The settings of the welcome, and those that were told after."""
    before = (await agent.greet()).settings
    await parts.estate.set_mode(await parts.now(agent.host), HostMode.OBSERVE, actor="ann")
    agent.session.teller.settings_changed()
    return before, (await agent.hear(Configure)).settings


async def test_settings_that_an_agent_does_not_go_by_in_two_beats_are_told_again(
    parts: Bench,
) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        before, after = await _changed(parts, agent)
        await _beat(agent, digest_of_settings(before))
        assert await agent.silence(), "they may be on their way"
        await _beat(agent, digest_of_settings(before))
        assert (await agent.hear(Configure)).settings == after


async def test_settings_that_arrived_meanwhile_are_not_told_again(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        before, after = await _changed(parts, agent)
        for heard in (before, after, before, after, after):
            await _beat(agent, digest_of_settings(heard))
        assert await agent.silence()


async def test_an_agent_that_has_heard_no_settings_yet_is_told_none(parts: Bench) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        _ = await _changed(parts, agent)
        for _each in range(3):
            await _beat(agent, "", epoch=0)
        assert await agent.silence()


async def test_a_welcome_that_was_lost_is_told_again_and_no_epoch_is_issued_for_it(
    parts: Bench,
) -> None:
    host = await fresh(parts)
    async with talking(parts, host) as agent:
        first, second = await agent.greet(), await agent.greet()
        for _each in range(2):
            await _beat(agent, digest_of_settings(first.settings), epoch=first.epoch)
        again = await agent.hear(Welcome)
    assert (first.epoch, second.epoch, again.epoch) == (1, 2, 2)
