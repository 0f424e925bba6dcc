"""How requests are made: a person asks the server's own code, as the API does."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from vmuster.server.service import Service
from vmuster.sim.verbs.meaning import person
from vmuster.sim.verbs.verb import Deed, Kind, Verb
from vmuster.sim.world.decided import Word
from vmuster.sim.world.world import World

Asked = Callable[[Service, str], Awaitable[object]]
"""What is asked of a server, under an idempotency key."""
AGAIN_SECONDS: Final = 2.0
"""Between two looks of somebody who waits for something."""


def request(form: str, do: Deed, what: str) -> Verb:
    """Somebody asks for something."""
    return Verb(form=form, kind=Kind.REQUEST, what=what, do=do)


async def ask(world: World, actor: str, what: str, asked: Asked, *words: Word) -> Any:
    """Have somebody ask for something, until there is an answer; see `Person.ask`."""

    async def answered(service: Service, key: str) -> object:
        return await asked(service, key)

    return await person(world, actor).ask(what, answered, *words)
