"""A VM that was moved is the one that left."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.states import PowerReason, PowerState
from vmuster.sim.verbs.verb import Pointless

MOVE = "somebody moves web from alpha to beta"
BEGIN = "somebody begins to move web from alpha to beta"


@pytest.mark.parametrize("how", ["runs", "is stopped"])
def test_a_vm_moves_with_its_mark(how: str) -> None:
    async def main(small: Spoken) -> None:
        await small.say(f"web of ours {how} on alpha")
        before = small.domain("web", "alpha")
        assert before is not None
        mark = before.mark
        await small.say(MOVE)
        moved = small.domain("web", "beta")
        assert moved is not None
        assert small.domain("web", "alpha") is None
        assert moved.mark == mark
        assert id(moved) in small.world.truth.adopted
        assert small.runs("web", "beta") is (how == "runs")
        assert not small.runs("web", "alpha")
        with pytest.raises(Pointless, match="web is not on alpha"):
            await small.say(MOVE)
        with pytest.raises(Pointless, match="web is on beta already"):
            await small.say("somebody moves web from beta to beta")

    played(main)


def test_a_stranger_that_moves_is_nobodys() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web is stopped on alpha", MOVE)
        assert small.domain("web", "beta") is not None
        assert not small.world.truth.adopted

    played(main)


def test_its_definition_may_stay_behind() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", f"{MOVE} and leaves its definition")
        left = small.domain("web", "alpha")
        assert left is not None
        assert (left.power, left.reason) == (PowerState.STOPPED, PowerReason.MIGRATED)
        assert small.runs("web", "beta")
        await small.say("somebody stops web on beta", "somebody deletes web on alpha")
        with pytest.raises(Pointless, match="web does not run"):
            await small.say("somebody moves web from beta to alpha and leaves its definition")

    played(main)


def test_a_move_takes_its_time_and_arrives() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", BEGIN)
        here, there = small.domain("web", "alpha"), small.domain("web", "beta")
        assert here is not None
        assert there is not None
        assert here.power is PowerState.RUNNING
        assert (there.power, there.reason) == (PowerState.PAUSED, PowerReason.MIGRATING)
        await small.say("web from alpha has arrived on beta")
        assert small.domain("web", "alpha") is None
        assert there.power is PowerState.RUNNING
        assert id(there) in small.world.truth.adopted

    played(main)


def test_a_move_may_be_given_up() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on alpha")
        for sentence in ("web does not arrive on beta", "web from alpha has arrived on beta"):
            with pytest.raises(Pointless, match="web is not on beta"):
                await small.say(sentence)
        await small.say(BEGIN, "web does not arrive on beta")
        assert small.domain("web", "beta") is None
        assert small.runs("web", "alpha")

    played(main)


def test_what_is_not_on_its_way_does_not_arrive() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on alpha", "somebody copies web from alpha to beta")
        for sentence in ("web does not arrive on beta", "web from alpha has arrived on beta"):
            with pytest.raises(Pointless, match="not on its way"):
                await small.say(sentence)
        with pytest.raises(Pointless, match="can't move there"):
            await small.say(BEGIN)

    played(main)
