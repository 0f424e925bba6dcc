"""The database: away, slow, silent after a commit, or an older one."""

from typing import Final

from vmuster.model.automation import HeldPlan
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.sim.verbs.faults.breaking import changes, fault, heal
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.world import World


async def _away(world: World) -> None:
    world.database.away = True


async def _back(world: World) -> None:
    world.database.away, world.database.back_at = False, world.loop.time()


async def _slow(world: World, number: str) -> None:
    world.database.slow = max(1.0, float(number))


async def _fast(world: World) -> None:
    world.database.slow = 1.0


async def _lose_answer(world: World) -> None:
    world.database.answers_lost = 1


async def _back_up(world: World, copy: str) -> None:
    world.database.back_up(copy)


async def _restore(world: World, copy: str) -> None:
    """Servers are off while the database is put back, and one is started afterwards."""
    changes(so=copy in world.database.copies, already=f"there is no copy {copy}")
    for server in world.servers:
        world.kill_server(server, "ended, for the database is restored")
    world.database.restore(copy)
    rows = world.database
    hosts, plans = rows.every(Host), rows.every(HeldPlan)
    decided = (*rows.every(Fleet), *rows.every(Cluster), *hosts, *plans)
    world.chronicle.restored(hosts, decided)
    _ = world.start_server()


async def _restore_with_note(world: World, copy: str) -> None:
    if copy not in world.database.copies:
        raise Pointless(f"there is no copy {copy}")
    world.database.distrusted = True
    await _restore(world, copy)


DATABASES: Final = (
    fault("the database is away", _away, "It answers nobody."),
    heal("the database is back", _back, "It answers again, as it was."),
    fault("the database is {number} times slower", _slow, "Reads and commits take long."),
    heal("the database is fast again", _fast, "As usual."),
    fault("the answer to the next commit is lost", _lose_answer, "It is durable all the same."),
    fault("the database is backed up as {copy}", _back_up, "A copy of this moment."),
    fault("the database is restored from {copy}", _restore, "What came after it is forgotten."),
    fault(
        "the database is restored from {copy} with a note",
        _restore_with_note,
        "The person who does it says so, as the guide asks.",
    ),
)
