"""Agents and their disks that break: each sentence does what it says, and is mended by its heal."""

import pytest

from tests.faulty import Faulty, until
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.pages import MemoryPages


def _pages(small: Faulty, host: str) -> MemoryPages:
    (pages,) = small.host_there(host).pages.values()
    return pages


async def _welcome(small: Faulty) -> None:
    """Until both agents have written down what they were told."""
    hosts = small.world.hosts.items()
    await until(lambda: all(host.pages and _pages(small, name).data for name, host in hosts))


def test_another_agent_takes_the_place_of_one_that_is_killed() -> None:
    async def main(small: Faulty) -> None:
        before = small.host_there("beta").agent
        await small.happens("the agent of beta is killed")
        assert not before.alive
        assert small.host_there("beta").agent.alive

    Faulty().play(main)


def test_an_agent_dies_after_so_many_steps_and_no_sooner() -> None:
    async def main(small: Faulty) -> None:
        await _welcome(small)
        before = small.host_there("beta").agent
        await small.happens("the agent of beta dies after 3 steps")
        assert before.alive
        await until(lambda: not before.alive)
        assert small.host_there("beta").agent.alive

    Faulty().play(main)


def test_an_agent_is_frozen_until_it_is_thawed() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("the agent of beta is frozen")
        assert small.host_there("beta").agent.frozen
        await small.happens("the agent of beta is thawed")
        assert not small.host_there("beta").agent.frozen

    Faulty().play(main)


@pytest.mark.parametrize("host", ["alpha", "beta"])
def test_a_disk_is_full_until_it_has_room(host: str) -> None:
    async def main(small: Faulty) -> None:
        await _welcome(small)
        await small.happens(f"the disk of {host} is full")
        with pytest.raises(OSError, match="No space left"):
            _pages(small, host).append(b"more\n")
        await small.happens(f"the disk of {host} has room again")
        _pages(small, host).append(b"more\n")
        assert _pages(small, host).data.endswith(b"more\n")

    Faulty().play(main)


def test_a_journal_is_lost_and_the_agent_begins_anew() -> None:
    async def main(small: Faulty) -> None:
        await _welcome(small)
        before = small.host_there("beta").agent
        await small.happens("the journal of beta is lost")
        assert _pages(small, "beta").data == b""
        assert not before.alive

    Faulty().play(main)


def test_a_torn_journal_lacks_the_end_of_its_last_line() -> None:
    async def main(small: Faulty) -> None:
        await _welcome(small)
        whole = _pages(small, "beta").data
        await small.happens("the journal of beta is torn")
        torn = _pages(small, "beta").data
        assert whole.startswith(torn)
        assert not torn.endswith(b"\n")

    Faulty().play(main)


def test_a_damaged_journal_has_a_line_that_can_not_be_read() -> None:
    async def main(small: Faulty) -> None:
        await _welcome(small)
        _pages(small, "beta").append(b"more\n")
        before = _pages(small, "beta").data.splitlines()
        await small.happens("the journal of beta is damaged")
        after = _pages(small, "beta").data.splitlines()
        changed = [line for line, was in zip(after, before, strict=True) if line != was]
        assert changed == [b"\0"]

    Faulty().play(main)


def test_an_older_journal_is_the_one_that_was_kept() -> None:
    async def main(small: Faulty) -> None:
        await _welcome(small)
        kept = _pages(small, "beta").data
        await small.happens("a copy of the journal of beta is kept")
        _pages(small, "beta").append(b"more\n")
        await small.happens("an older journal of beta is back")
        assert _pages(small, "beta").data == kept

    Faulty().play(main)


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("beta loses power", "the agent of beta is killed"),
        ("beta loses power", "the agent of beta is thawed"),
        ("beta loses power", "the agent of beta dies after 3 steps"),
        ("beta is cut off", "the agent of alpha is killed"),
        ("beta is cut off", "the disk of beta is full"),
        ("beta is cut off", "the journal of beta is lost"),
    ],
)
def test_what_can_not_be_is_pointless(before: str, sentence: str) -> None:
    async def main(small: Faulty) -> None:
        small.host_there("beta").pages.clear()
        await small.happens(before)
        with pytest.raises(Pointless):
            await small.happens(sentence)

    Faulty().play(main)
