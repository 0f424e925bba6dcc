"""Troubles that come in a row, with a plan: what chance alone would nearly never put together."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from vmuster.sim.engine.chance import Chance
from vmuster.sim.seeds.casting import Cast, step
from vmuster.sim.verbs.verb import Step

Nemesis = Callable[[Cast, Chance, float], Iterator[Step]]
"""What it does to a fleet from this moment on."""

COPIES: Final = ("monday", "tuesday")
"""Backups of the database, by their names."""


def _calm(_cast: Cast, _chance: Chance, _at: float) -> Iterator[Step]:
    """Nothing at all."""
    yield from ()


def _swizzle(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """Hosts are cut off one by one, and reached again in another order."""
    some = chance.some_of(cast.hosts, chance.whole(2, len(cast.hosts)))
    for number, host in enumerate(some):
        yield step("{host} is cut off", at + 8.0 * number, {"host": host})
    healed = at + 8.0 * len(some) + chance.between(5.0, 90.0)
    for number, host in enumerate(chance.some_of(some, len(some))):
        yield step("{host} is reached again", healed + 10.0 * number, {"host": host})


def _dark(_cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """No host can be reached for a while."""
    yield step("every host is cut off", at, {})
    yield step("every host is reached again", at + chance.between(20.0, 200.0), {})


def _rolling(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """Everything is restarted, one after the other, as an upgrade does it."""
    pause = chance.between(2.0, 25.0)
    yield step("the server is ended", at, {})
    for number, host in enumerate(cast.hosts, 1):
        form = "the agent of {host} is killed" if host in cast.far else _DAEMON_RESTARTED
        yield step(form, at + pause * number, {"host": host})
        yield step(_DAEMON_RESTARTED, at + pause * number + 1.0, {"host": host})


_DAEMON_RESTARTED: Final = "the daemon on {host} is restarted"


def _reboots(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """The power goes in the whole house, and comes back host by host."""
    for number, host in enumerate(chance.some_of(cast.hosts, len(cast.hosts))):
        yield step("{host} loses power", at + chance.between(0.0, 3.0), {"host": host})
        yield step("{host} is powered on", at + 30.0 + 12.0 * number, {"host": host})


def _crashes(_cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """The server dies again and again, at the edges of its commits and between any two steps."""
    for _each in range(chance.whole(8, 20)):
        at += chance.between(0.5, 8.0)
        form = chance.one_of(_DEATHS)
        yield step(form, at, {"number": str(chance.whole(1, 150))})


_DEATHS: Final = (
    "the server is killed before its next commit",
    "the server is killed after its next commit",
    "the server dies after {number} steps",
    "the answer to the next commit is lost",
)


def _loop(_cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """The server can't stay alive."""
    words = {"number": str(chance.whole(4, 20)), "seconds": chance.one_of(("0.2", "1", "4"))}
    yield step("the server is killed {number} times every {seconds}s", at, words)


def _old_database(_cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """The database is backed up, and put back much later."""
    copy = {"copy": chance.one_of(COPIES)}
    yield step("the database is backed up as {copy}", max(1.0, at - chance.between(5, 300)), copy)
    note = " with a note" if chance.happens(0.4) else ""
    yield step("the database is restored from {copy}" + note, at, copy)


def _no_database(_cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """For long there is no database, and so no server that serves."""
    yield step("the database is away", at, {})
    if chance.happens(0.5):
        yield step("the server is killed", at + 1.0, {})
    yield step("the database is back", at + chance.between(100.0, 250.0), {})


def _two_servers(_cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """A server stands still, another takes its place, and it wakes: both believe in themselves."""
    if chance.happens(0.7):
        yield step("the server is frozen", at, {})
    later = at + chance.between(0.0, 60.0)
    yield step("a second server is started", later, {})
    later += chance.between(0.0, 60.0)
    yield step("the server is thawed", later, {})
    yield step("the older server is killed", later + chance.between(1.0, 120.0), {})


NEMESES: Final[Mapping[Nemesis, float]] = {
    _calm: 1.0,
    _swizzle: 2.0,
    _dark: 1.5,
    _rolling: 1.0,
    _reboots: 1.0,
    _crashes: 2.5,
    _loop: 0.7,
    _old_database: 1.5,
    _no_database: 0.8,
    _two_servers: 1.5,
}
"""Each, and how often it comes."""
