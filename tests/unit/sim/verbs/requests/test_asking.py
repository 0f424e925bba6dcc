"""Requests are made by people, and are requests."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.errors import Refused
from vmuster.server.service import Service
from vmuster.sim.verbs.requests.all import REQUESTS
from vmuster.sim.verbs.requests.asking import ask
from vmuster.sim.verbs.verb import Kind


def test_requests_are_requests_and_say_who_asks() -> None:
    assert {verb.kind for verb in REQUESTS} == {Kind.REQUEST}
    assert all(verb.places[0] == "actor" for verb in REQUESTS)


def test_a_request_is_asked_of_the_server_and_noted_when_it_is_taken() -> None:
    async def main(small: Spoken) -> None:
        async def name(service: Service, _key: str) -> object:
            return service.context.fleet.instance

        assert await ask(small.world, "bert", "asks for a name", name) == "VM"
        assert small.ears.requests[-1].actor == "bert"
        assert small.ears.requests[-1].what == "asks for a name"

        async def refuse(_service: Service, _key: str) -> object:
            raise Refused("no")

        known = len(small.ears.requests)
        with pytest.raises(Refused):
            await ask(small.world, "bert", "asks for too much", refuse)
        assert len(small.ears.requests) == known

    played(main)
