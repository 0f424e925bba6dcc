"""What is lost, late or repeated between an agent and its server: the conversation goes on."""

import asyncio
from pathlib import Path

import pytest

from tests import moments
from tests.talks import Talk, living
from vmuster.model.messages import Hello, Welcome
from vmuster.model.states import Completeness

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(tmp_path)


async def _greeting_after_greeting(talk: Talk) -> None:
    """Hear greetings for as long as they come, and wait for the next."""
    while True:
        await talk.hear(Hello)


def _welcome(epoch: int) -> Welcome:
    return Welcome(epoch=epoch, settings=moments.settings(), intake=40)


async def test_a_greeting_that_nobody_answers_is_said_again_until_it_is_welcome(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vmuster.agent.loop._WELCOME_SECONDS", 0.01)
    async with living(talk):
        greetings = [await talk.hear(Hello) for _ in range(3)]
        assert len(set(greetings)) == 1
        await talk.say(_welcome(9))
        await talk.report(Completeness.COMPLETE)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await _greeting_after_greeting(talk)


@pytest.mark.parametrize("late", [8, 9])
async def test_a_welcome_that_comes_late_or_twice_changes_nothing(talk: Talk, late: int) -> None:
    async with living(talk):
        await talk.say(_welcome(9))
        first = await talk.report(Completeness.COMPLETE)
        await talk.say(_welcome(late))
        talk.hypervisor.ring(None)
        second = await talk.report(Completeness.COMPLETE)
    assert [(each.epoch, each.sequence) for each in (first, second)] == [(9, 1), (9, 2)]
