"""People ask as good clients do: again under the same key, until there is an answer."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.simworlds import Ears, SmallWorld
from tests.spoken import Spoken
from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Host
from vmuster.model.operations import Operation
from vmuster.model.states import HostMode
from vmuster.server.service import Service
from vmuster.sim.world.decided import ASKING, Asking, Word
from vmuster.sim.world.people import PAUSES, Person


class Doors:
    """Takes requests in place of a server: what it answers is given; None: no answer comes."""

    def __init__(self, *answers: object) -> None:
        self.small = SmallWorld()
        self.answers = list(answers)
        self.keys: list[str] = []
        self.person = Person("bert", self.ask, self.small.world.chronicle)

    async def ask(self, request: Callable[[Service], Coroutine[Any, Any, Any]]) -> Any:
        await request(None)  # pyright: ignore[reportArgumentType]  # nothing is asked of it
        answer: Any = self.answers.pop(0)
        if answer is None:
            raise Unavailable("no answer")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def request(self, _service: Service, key: str) -> object:
        self.keys.append(key)
        return None

    def run(self, main: Callable[[], Coroutine[Any, Any, None]]) -> Ears:
        self.small.world.run(main())
        return self.small.ears


def test_what_gets_no_answer_is_asked_again_under_the_same_key() -> None:
    doors = Doors(None, None, "done")

    async def main() -> None:
        assert await doors.person.ask("stops web", doors.request) == "done"
        assert doors.small.world.loop.time() == pytest.approx(sum(PAUSES[:2]))

    ears = doors.run(main)
    assert len(doors.keys) == 3
    assert len(set(doors.keys)) == 1
    assert [(asked.actor, asked.what) for asked in ears.requests] == [("bert", "stops web")]


def test_patience_ends() -> None:
    doors = Doors(*[None] * 20)

    async def main() -> None:
        with pytest.raises(Unavailable):
            await doors.person.ask("stops web", doors.request)

    ears = doors.run(main)
    assert len(doors.keys) == len(PAUSES) + 1
    assert ears.requests == []


def test_what_is_refused_is_not_asked_again() -> None:
    doors = Doors(Refused("no"), "done")

    async def main() -> None:
        with pytest.raises(Refused):
            await doors.person.ask("stops web", doors.request)

    assert doors.run(main).requests == []
    assert len(doors.keys) == 1


def test_another_request_has_another_key_and_the_same_one_again_has_its_own() -> None:
    doors = Doors("one", "two", "two again")

    async def main() -> None:
        with pytest.raises(LookupError):
            await doors.person.ask_again()
        await doors.person.ask("stops web", doors.request)
        await doors.person.ask("starts web", doors.request)
        await doors.person.ask_again()

    ears = doors.run(main)
    first, second, again = doors.keys
    assert first != second == again
    assert [asked.what for asked in ears.requests] == ["stops web", "starts web", "starts web"]


def test_of_two_that_are_asked_at_once_one_answer_is_enough() -> None:
    doors = Doors("done", Refused("somebody changed it"), Refused("no"), Refused("no"))

    async def main() -> None:
        assert await doors.person.ask_twice("stops web", doors.request) == "done"
        with pytest.raises(Refused, match="no"):
            await doors.person.ask_twice("stops db", doors.request)

    doors.run(main)
    web, web_too, db, db_too = doors.keys
    assert web == web_too != db == db_too


def test_what_was_asked_twice_is_asked_again_under_its_key() -> None:
    doors = Doors("done", "done", "done")

    async def main() -> None:
        await doors.person.ask_twice("stops web", doors.request)
        await doors.person.ask_again()

    doors.run(main)
    assert len(doors.keys) == 3
    assert len(set(doors.keys)) == 1


def test_each_operation_that_is_taken_in_is_told_of() -> None:
    small = Spoken()

    async def main() -> None:
        await small.say("web of ours runs on alpha", "db of ours runs on alpha")
        bert = Person("bert", small.world.ask, small.world.chronicle)

        async def release_all(service: Service, _key: str) -> list[Operation]:
            (host,) = await service.store.find(Host, name="alpha")
            return await service.removal.release_all(host, actor="bert")

        released = await bert.ask("releases all", release_all)
        told = [asked.operation for asked in small.ears.requests if asked.actor == "bert"]
        assert told == released
        assert len(released) == 2

    small.run(main)


def test_what_is_asked_is_written_down_before_it_is_answered() -> None:
    word = Word(kind=Host, field="mode", value=HostMode.MANAGE, name="alpha")
    seen: list[Asking | None] = []
    doors = Doors(None, "done")

    async def request(_service: Service, key: str) -> object:
        seen.append(ASKING.get())
        assert ("bert", key) in doors.small.world.truth.keys
        return None

    async def main() -> None:
        await doors.person.ask("sets alpha to manage", request, word)
        assert ASKING.get() is None

    ears = doors.run(main)
    assert [asking.words for asking in seen if asking is not None] == [(word,), (word,)]
    assert [asked.asking for asked in ears.requests] == [seen[-1]]
