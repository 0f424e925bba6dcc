"""What people say of automation."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.sim.verbs.verb import Pointless


def test_each_place_is_disarmed_and_armed_for_itself() -> None:
    async def main(small: Spoken) -> None:
        async def disarmed() -> list[bool]:
            rows = (await small.host("alpha"), await small.cluster(), await small.fleet())
            return [row.disarmed is not None for row in rows]

        for number, place in enumerate(("host alpha", "cluster default", "the fleet")):
            await small.say(f"bert disarms {place}")
            assert await disarmed() == [each == number for each in range(3)]
            await small.say(f"bert arms {place}")
            assert await disarmed() == [False, False, False]

    played(main)


async def held(small: Spoken) -> None:
    """An automatic stop on alpha waits for a person: no budget allows any."""
    await small.say("policy quiet_seconds is 0", "policy drift is enforce")
    await small.say("policy stops_per_pass_max is 0", "web of ours is stopped on alpha")
    await small.say("somebody starts web on alpha")
    await small.until(lambda: small.world.database.rows.find(HeldPlan))


@pytest.mark.parametrize(
    ("sentence", "state"),
    [
        ("bert approves what is held on alpha", HoldState.APPROVED),
        ("bert rejects what is held on alpha", HoldState.REJECTED),
    ],
)
def test_a_held_plan_is_decided_about(sentence: str, state: HoldState) -> None:
    async def main(small: Spoken) -> None:
        await held(small)
        (before,) = await small.world.database.rows.find(HeldPlan)
        assert before.state is HoldState.HELD
        await small.say(sentence)
        (after,) = await small.world.database.rows.find(HeldPlan)
        assert (after.state, after.by) == (state, "bert")

    played(main)


def test_where_nothing_is_held_nothing_is_decided() -> None:
    async def main(small: Spoken) -> None:
        for sentence in ("anna approves what is held on beta", "anna rejects what is held on beta"):
            with pytest.raises(Pointless, match="nothing is held on beta"):
                await small.say(sentence)

    played(main)
