"""The simulated database: durable at a commit, deadly at its edges, restored from a copy."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from tests.lawbench import Bench, stop
from tests.parts import FLEET, HOST, KEY, VM
from vmuster.model.automation import Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Unavailable
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import ClusterName
from vmuster.model.policy import Policy
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process
from vmuster.sim.engine.trace import Trace
from vmuster.sim.laws.memory import Memory
from vmuster.sim.world.chronicle import Chronicle
from vmuster.sim.world.database import Database, SimStore
from vmuster.sim.world.truth import Committed, Silent


class Ears(Silent):
    def __init__(self) -> None:
        self.commits: list[Committed] = []
        self.refused: list[str] = []

    def committed(self, commit: Committed) -> None:
        self.commits.append(commit)

    def stale(self, process: str, why: str) -> None:
        self.refused.append(why)


class One:
    """One server's store."""

    def __init__(self) -> None:
        self.loop = SimLoop(Chance(1))
        self.process = Process("server")
        self.database = Database()
        chronicle = self.chronicle = Chronicle(self.loop, Trace(), str)
        self.ears = Ears()
        chronicle.watchers.append(self.ears)
        self.deaths: list[str] = []
        self.store = SimStore(
            self.database, self.process, chronicle, self.loop, Chance(1), self._die
        )
        self.answers: list[list[str]] = []

    def _die(self, why: str) -> None:
        self.deaths.append(why)
        self.loop.kill(self.process)

    async def write(self, name: str) -> None:
        cluster = Cluster(name=ClusterName(name), policy=Policy(), created_at=0.0)
        self.answers.append(
            await self.store.commit([Changes(writes=(Write(before=None, after=cluster),))])
        )

    async def names(self) -> list[str]:
        return [cluster.name for cluster in await self.database.rows.find(Cluster)]

    def run(self, main: Callable[[], Awaitable[None]]) -> None:
        async def story() -> None:
            await main()

        self.loop.run(story())
        self.loop.dispose([self.loop.world, self.process])


def test_what_is_committed_is_told_once_it_is_durable_and_what_is_refused_is_not() -> None:
    one = One()

    async def main() -> None:
        await one.write("a")
        await one.write("a")
        assert await one.names() == ["a"]
        found = one.database.row(Cluster, "a")
        assert [found] == list(one.database.every(Cluster))
        assert one.database.row(Cluster, "b") is None

    one.run(main)
    assert one.ears.refused == ["cluster a is there already"]
    assert (one.answers[0], len(one.answers[1][0]) > 0, len(one.ears.commits)) == ([""], True, 1)


@pytest.mark.parametrize(("edge", "kept"), [("before", []), ("after", ["a"])])
def test_a_server_dies_at_an_edge_and_hears_no_answer(edge: str, kept: list[str]) -> None:
    one = One()

    async def main() -> None:
        one.database.next_edge = edge
        one.loop.spawn(one.process, one.write("a"))
        await asyncio.sleep(60)
        assert await one.names() == kept

    one.run(main)
    assert (one.answers, one.deaths, len(one.ears.commits)) == (
        [],
        [f"killed {edge} a commit"],
        len(kept),
    )


def test_one_that_is_away_says_so() -> None:
    one = One()

    async def main() -> None:
        one.database.away = True
        with pytest.raises(Unavailable):
            await one.write("a")
        with pytest.raises(Unavailable):
            await one.store.get(Cluster, "a")
        one.database.away = False
        await one.write("a")

    one.run(main)
    assert one.answers == [[""]]


def test_an_older_copy_takes_the_place_of_the_rows() -> None:
    one = One()

    async def main() -> None:
        await one.write("a")
        one.database.back_up("monday")
        await one.write("b")
        one.database.restore("monday")
        assert await one.names() == ["a"]
        await one.write("c")
        one.database.restore("monday")
        assert await one.names() == ["a"], "a copy is not changed by what comes after"

    one.run(main)


def test_a_copy_knows_every_command_that_was_given_until_then() -> None:
    bench = Bench(Memory)
    database = bench.world.database
    bench.issue(stop())
    database.back_up("monday")
    bench.issue(stop(number=2))
    row = database.row(OutboxCommand, stop().id)
    assert row is not None
    bench.write(dropped=(row,))
    assert database.rows.given == {stop().id, stop(number=2).id}

    async def rehearse() -> None:
        command = stop(number=3)
        row = OutboxCommand(id=command.id, host=HOST, vm=VM, command=command, created_at=0.0)
        async with database.rows.rehearsal() as store:
            changes = Changes(writes=(Write(before=None, after=row),))
            assert await store.commit([changes, changes]) != ["", ""]

    asyncio.run(rehearse())
    assert database.rows.given == {stop().id, stop(number=2).id}
    database.restore("monday")
    assert database.rows.given == {stop().id}


def test_a_copy_has_forgotten_nothing_that_was_left_behind_with_a_quarantine_before_it() -> None:
    one, command = One(), stop()
    row = OutboxCommand(id=command.id, host=HOST, vm=VM, command=command, created_at=0.0)
    ours = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={})
    doubt = Quarantine(since=0.0, evidence=("a sign",), highest=1)

    def standing() -> Fleet:
        return next(iter(one.database.every(Fleet)))

    async def wrote(before: Fleet | None, after: Fleet) -> None:
        changes = Changes(writes=(Write(before=before, after=after),))
        assert await one.store.commit([changes]) == [""]

    async def main() -> None:
        one.chronicle.truth.commands[command.id] = (0.0, row)  # in a time that is forgotten
        await wrote(None, ours)
        await wrote(standing(), msgspec.structs.replace(ours, quarantine=doubt))
        one.database.back_up("in doubt")
        assert one.database.rows.given == frozenset()
        await wrote(standing(), ours)
        one.database.back_up("after it")
        one.database.restore("in doubt")
        assert one.database.rows.given == frozenset()
        one.database.restore("after it")
        assert one.database.rows.given == {command.id}

    one.run(main)
