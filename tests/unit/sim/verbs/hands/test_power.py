"""VMs in the hands of people and of their guests."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.states import PowerReason, PowerState
from vmuster.sim.verbs.verb import Pointless

RUNNING, PAUSED, STOPPED = PowerState.RUNNING, PowerState.PAUSED, PowerState.STOPPED
POWERS: dict[str, tuple[str, PowerState, PowerReason]] = {
    "somebody starts web on beta": ("web is stopped on beta", RUNNING, PowerReason.UNKNOWN),
    "somebody stops web on beta": ("web runs on beta", STOPPED, PowerReason.HAND),
    "somebody pauses web on beta": ("web runs on beta", PAUSED, PowerReason.HAND),
    "somebody saves web on beta": ("web runs on beta", STOPPED, PowerReason.SAVED),
    "web shuts itself down on beta": ("web runs on beta", STOPPED, PowerReason.GUEST),
    "web crashes on beta": ("web runs on beta", PowerState.CRASHED, PowerReason.CRASHED),
    "the disk of web fails on beta": ("web runs on beta", PAUSED, PowerReason.IO_ERROR),
}
"""Sentence: what was there, power and reason afterwards."""


@pytest.mark.parametrize("sentence", POWERS)
def test_power_by_hand(sentence: str) -> None:
    before, power, reason = POWERS[sentence]

    async def main(small: Spoken) -> None:
        await small.say(before, sentence)
        domain = small.domain("web", "beta")
        assert domain is not None
        assert (domain.power, domain.reason) == (power, reason)
        assert small.runs("web", "beta") is domain.active
        assert small.ears.acts == []
        with pytest.raises(Pointless):
            await small.say(sentence)

    played(main)


def test_a_paused_vm_goes_on() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on alpha", "somebody pauses web on alpha")
        await small.say("somebody resumes web on alpha")
        domain = small.domain("web", "alpha")
        assert domain is not None
        assert domain.power is RUNNING

    played(main)


def test_a_vm_is_renamed_while_it_is_off_to_a_name_that_is_free() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web is stopped on alpha", "db runs on alpha")
        with pytest.raises(Pointless, match="name db is taken"):
            await small.say("somebody renames web on alpha to db")
        with pytest.raises(Pointless, match="running VM"):
            await small.say("somebody renames db on alpha to i-2-3-VM")
        await small.say("somebody renames web on alpha to i-2-3-VM")
        domain = small.domain("web", "alpha")
        assert domain is not None
        assert domain.name == "i-2-3-VM"

    played(main)


def test_a_redefined_vm_has_lost_the_mark_that_is_stored() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", "somebody redefines web on alpha")
        domain = small.domain("web", "alpha")
        assert domain is not None
        assert domain.config_mark is None
        assert domain.live_mark is not None

    played(main)


def test_a_running_vm_that_is_undefined_is_transient_and_any_other_is_gone() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on alpha", "db is stopped on alpha")
        await small.say("somebody undefines web on alpha", "somebody undefines db on alpha")
        domain = small.domain("web", "alpha")
        assert domain is not None
        assert not domain.persistent
        assert small.runs("web", "alpha")
        assert small.domain("db", "alpha") is None

    played(main)


@pytest.mark.parametrize(
    "before", ["web runs on alpha", "web is stopped on alpha", "web runs transient on alpha"]
)
def test_a_deleted_vm_is_gone(before: str) -> None:
    async def main(small: Spoken) -> None:
        await small.say(before, "somebody deletes web on alpha")
        assert small.domain("web", "alpha") is None
        assert not small.runs("web", "alpha")
        with pytest.raises(Pointless, match="no such VM"):
            await small.say("somebody deletes web on alpha")

    played(main)


@pytest.mark.parametrize(
    ("sentence", "name", "runs"),
    [
        ("somebody creates web on alpha", "web", False),
        ("somebody creates web on alpha and starts it", "web", True),
        ("somebody creates web on alpha as i-2-3-VM", "i-2-3-VM", False),
        ("somebody creates web on alpha as i-2-3-VM and starts it", "i-2-3-VM", True),
    ],
)
def test_a_vm_is_created(sentence: str, name: str, runs: bool) -> None:
    async def main(small: Spoken) -> None:
        await small.say(sentence)
        domain = small.domain("web", "alpha")
        assert domain is not None
        assert (domain.name, domain.mark) == (name, None)
        assert small.runs("web", "alpha") is runs

    played(main)
