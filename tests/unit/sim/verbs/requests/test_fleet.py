"""What people say of clusters and the whole fleet."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.errors import Refused
from vmuster.model.states import Drift


def test_policies_are_set_by_whoever_says_so() -> None:
    async def main(small: Spoken) -> None:
        await small.say("cluster lab", "bert sets drift of lab to enforce")
        await small.say("bert sets unknown_vms of lab to stop-by-name")
        await small.say("bert sets starts_per_window_max of the fleet to 9")
        lab = await small.cluster("lab")
        assert lab.policy.drift is Drift.ENFORCE
        assert lab.grant is not None
        assert lab.grant.granted_by == "bert"
        assert (await small.cluster()).policy.drift is Drift.RECORD
        assert (await small.fleet()).policy.starts_per_window_max == 9
        with pytest.raises(Refused, match="drift can't be"):
            await small.say("bert sets drift of lab to anything")

    played(main)


def test_a_quarantine_begins_by_a_persons_word_and_ends_by_it() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha")
        await small.say("anna says that the database was restored")
        assert small.ears.servers == ["server-1", "server-2"]
        assert (await small.fleet()).quarantine is not None
        with pytest.raises(Refused, match="quarantine"):
            await small.say("anna stops web")
        await small.say("anna leaves the quarantine")
        assert (await small.fleet()).quarantine is None
        assert (await small.fleet()).disarmed is not None
        await small.say("the server is restarted")
        await small.world.serving()
        assert (await small.fleet()).quarantine is None

    played(main)


def test_a_host_that_gives_no_account_need_not_be_waited_for() -> None:
    async def main(small: Spoken) -> None:
        await small.say("db of ours runs on beta", "the agent of beta is frozen")
        await small.say("anna says that the database was restored")
        await small.say("anna leaves the quarantine without beta")
        assert (await small.fleet()).quarantine is None
        assert (await small.host("beta")).disarmed is not None

    played(main)


def test_the_signing_key_is_rotated() -> None:
    async def main(small: Spoken) -> None:
        before = (await small.fleet()).key
        await small.say("anna rotates the signing key")
        after = await small.fleet()
        assert after.key != before
        assert str(before) in after.public_keys
        assert small.world.keyring.signer.key == after.key

    played(main)
