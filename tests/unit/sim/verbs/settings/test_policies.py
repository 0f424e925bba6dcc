"""Policies that hold from the beginning."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.errors import Refused
from vmuster.model.states import Drift


def test_a_policy_is_that_of_the_default_cluster_or_of_another() -> None:
    async def main(small: Spoken) -> None:
        await small.say(
            "cluster lab", "policy drift is enforce", "policy of lab report_seconds is 7"
        )
        assert (await small.cluster()).policy.drift is Drift.ENFORCE
        assert (await small.cluster("lab")).policy.drift is Drift.RECORD
        assert (await small.cluster("lab")).policy.report_seconds == 7.0

    played(main)


def test_who_lets_vms_be_stopped_by_name_grants_it() -> None:
    async def main(small: Spoken) -> None:
        assert (await small.cluster()).grant is None
        await small.say("policy unknown_vms is stop-by-name")
        grant = (await small.cluster()).grant
        assert grant is not None
        assert grant.granted_by == "anna"

    played(main)


def test_the_fleet_has_a_policy_of_its_own() -> None:
    async def main(small: Spoken) -> None:
        await small.say("fleet policy stops_per_window_max is 3")
        assert (await small.fleet()).policy.stops_per_window_max == 3
        with pytest.raises(Refused, match="no such setting"):
            await small.say("fleet policy drift is enforce")

    played(main)
