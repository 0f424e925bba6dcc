"""What people ask of a VM is taken in once, and is done."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.errors import Refused
from vmuster.model.states import OperationKind, OperationState, PowerReason, VmPhase
from vmuster.sim.verbs.verb import Pointless

POWERS: dict[str, tuple[str, OperationKind, bool, bool]] = {
    "anna stops web": ("web of ours runs on beta", OperationKind.STOP, False, False),
    "anna stops web by force": ("web of ours runs on beta", OperationKind.STOP, True, False),
    "anna starts web": ("web of ours is stopped on beta", OperationKind.START, False, True),
}
"""Sentence: what was there, the operation, whether by force, whether it runs afterwards."""


@pytest.mark.parametrize("sentence", POWERS)
def test_a_vm_is_started_and_stopped(sentence: str) -> None:
    before, kind, force, runs = POWERS[sentence]

    async def main(small: Spoken) -> None:
        await small.say(before, sentence)
        operation = (await small.operations("web"))[-1]
        assert (operation.kind, operation.force, operation.actor) == (kind, force, "anna")
        await small.settled()
        assert (await small.operations("web"))[-1].state is OperationState.DONE
        assert small.runs("web", "beta") is runs
        domain = small.domain("web", "beta")
        assert domain is not None
        assert (domain.reason is PowerReason.HAND) is force

    played(main)


def test_a_vm_is_adopted_under_a_name_and_on_a_host() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on alpha", "db runs on beta")
        await small.until(lambda: small.sightings("web"))
        await small.until(lambda: small.sightings("db"))
        await small.say("bert adopts web as i-2-3-VM", "anna adopts db on beta")
        await small.settled()
        web, db = await small.record("web"), await small.record("db")
        assert web is not None
        assert db is not None
        assert (web.name, web.label, db.name) == ("i-2-3-VM", "web", "db")
        with pytest.raises(Refused):
            await small.say("anna adopts db on alpha")

    played(main)


def test_two_clicks_are_one_operation() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", "bert stops web with a double click")
        await small.settled()
        kinds = [operation.kind for operation in await small.operations("web")]
        assert kinds == [OperationKind.ADOPT, OperationKind.STOP]

    played(main)


def test_what_is_asked_for_again_is_the_same_request() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", "bert stops web")
        await small.settled()
        await small.say("anna starts web")
        await small.settled()
        await small.say("bert asks for the same again")
        kinds = [operation.kind for operation in await small.operations("web")]
        assert kinds == [OperationKind.ADOPT, OperationKind.STOP, OperationKind.START]
        assert small.runs("web", "alpha")
        last = small.ears.requests[-1].operation
        assert last is not None
        assert last.kind is OperationKind.STOP

    played(main)


def test_who_has_asked_for_nothing_asks_for_nothing_again() -> None:
    async def main(small: Spoken) -> None:
        with pytest.raises(Pointless, match="asked for nothing"):
            await small.say("bert asks for the same again")

    played(main)


def test_a_vm_is_released_unharmed() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", "anna releases web")
        await small.settled()
        assert await small.record("web") is None
        domain = small.domain("web", "alpha")
        assert domain is not None
        assert domain.mark is None
        assert small.runs("web", "alpha")
        assert not small.world.truth.adopted

    played(main)


def test_a_missing_vm_is_forgotten_and_one_that_is_there_is_not() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha")
        with pytest.raises(Refused):
            await small.say("anna forgets web")
        await small.say("somebody deletes web on alpha")

        async def missing() -> bool:
            record = await small.record("web")
            return record is not None and record.phase is VmPhase.MISSING

        await small.until(missing)
        await small.say("anna forgets web")
        assert await small.record("web") is None

    played(main)


def test_a_copy_is_forgotten_where_nobody_can_look_past_the_hypervisor() -> None:
    async def main(small: Spoken) -> None:
        await small.say("blind host gamma", "gamma is in manage")
        await small.say("db runs on gamma", "web of ours runs on gamma")
        with pytest.raises(Pointless, match="web runs on gamma"):
            await small.say("anna forgets web on gamma")
        await small.say("somebody deletes web on gamma")

        async def lost() -> bool:
            return any(seen.absent for seen in await small.sightings("web"))

        await small.until(lost)
        assert not (await small.sightings("web"))[0].absence_confirmed
        await small.say("anna forgets web on gamma")
        assert (await small.sightings("web"))[0].absence_confirmed

    played(main)


def test_a_vm_that_nobody_knows_is_pointless() -> None:
    async def main(small: Spoken) -> None:
        for sentence in ("anna stops web", "anna adopts web", "anna forgets web on alpha"):
            with pytest.raises(Pointless, match="no VM web"):
                await small.say(sentence)
        assert "web" not in small.world.vms

    played(main)
