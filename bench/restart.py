"""After a restart: the first report of each host, and the whole way from the file to a roll call.

A server is started anew over the same file for each run, after one that ended in good order; or,
in the rows that are there to be known, after one that was killed. Inside the clock, first report:
the CPU of a roll call of all hosts, of which the server knows nothing but its database; nothing has
changed since. Cold start: besides, opening and checking the file, reading, the beginning of each
conversation, and every agent's greeting with the epoch that it is given durably. Outside: building
the fleet, making the bytes, a first life of a server over the file, and the end of each; and the
look at every index, which a server takes a minute after a start that followed a good end, and at
the door after a kill. What that costs stands in a row of its own.

Beside them: the same VMs decoded and compared by uuid with an image that is there already; and a
plain SELECT of every row of every table of the same file.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from bench import fleets, limit, reports, resting
from bench.measuring import Cost, cpu_us, in_turn, machine, timed, wall_us
from bench.rollcall import RollCall
from bench.rows import Result, Row, known, times_more
from bench.serving import serving
from bench.sizes import Sizes
from vmuster.model.ids import HostId
from vmuster.stores.sql.wholeness import LateLook

_FETCHED: Final = 1_000
"""Rows that a plain reader fetches at once."""

_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table'"


class Restarts:
    """Server after server over one database. `ended`, `killed`: what the first roll call has cost
    of each that came after one that ended in good order, or was killed. `looks`: what the look at
    every index has cost that those put off that came after one that ended in good order."""

    def __init__(self, database: Path, messages: dict[HostId, bytes]) -> None:
        self.ended: list[Cost] = []
        self.killed: list[Cost] = []
        self.looks: list[Cost] = []
        self._database = database
        self._messages = messages
        self._epoch = resting.EPOCH

    async def after_an_end(self) -> Cost:
        """One start, up to the end of the first roll call."""
        return await self._once(self.ended, self.looks)

    async def after_a_kill(self) -> Cost:
        """As `after_an_end`, over what a server leaves that was killed."""
        with closing(sqlite3.connect(self._database)) as connection, connection:
            connection.execute("DELETE FROM settled")
            connection.execute("PRAGMA user_version = 0")
        return await self._once(self.killed, [])

    async def _once(self, first_calls: list[Cost], looks: list[Cost]) -> Cost:
        self._epoch += 1
        async with serving(self._database) as server:
            whole = server.start
            with whole.running():
                await server.greet({host: n for n, host in enumerate(self._messages)})
            first = await RollCall(server, self._messages, self._epoch).unchanged()
            looks.append(await timed(LateLook(self._database).take)())
        first_calls.append(first)
        return whole + first


def load(database: Path) -> int:
    """How many rows there are, all of them read."""
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        return sum(_rows(connection, name) for (name,) in tables)


def _rows(connection: sqlite3.Connection, table: str) -> int:
    cursor, count = connection.execute(f'SELECT * FROM "{table}"'), 0  # noqa: S608  # its own name
    while some := cursor.fetchmany(_FETCHED):
        count += len(some)
    return count


async def run(sizes: Sizes) -> Result:
    """The bench."""
    shape = sizes.shape()
    with tempfile.TemporaryDirectory() as folder:
        database = await asyncio.to_thread(fleets.copied, shape, Path(folder))
        messages = dict(await fleets.reports_of(shape))
        restarts = Restarts(database, messages)
        await restarts.after_a_kill()
        costs = await in_turn(
            sizes.repeats,
            {"ended": restarts.after_an_end, "load": timed(lambda: load(database))},
        )
        costs |= await in_turn(sizes.repeats, {"killed": restarts.after_a_kill})
        accounts = [reports.vms_in(message) for message in messages.values()]
        images = limit.images_of(accounts)
        costs |= await in_turn(sizes.repeats, {"bare": timed(lambda: limit.diff(accounts, images))})
    return Result(bench="restart", machine=machine(), rows=_told(restarts, costs, shape.all_vms))


def _told(restarts: Restarts, costs: Mapping[str, Sequence[Cost]], vms: int) -> tuple[Row, ...]:
    return (
        times_more(
            "first report after a restart: CPU per VM, against decode and compare by uuid",
            cpu_us(restarts.ended, vms),
            cpu_us(costs["bare"], vms),
            "us",
            at_most=3,
        ),
        times_more(
            f"cold start of {vms} VMs and first roll call: CPU per VM, "
            "against a plain SELECT of the same rows",
            cpu_us(costs["ended"], vms),
            cpu_us(costs["load"], vms),
            "us",
            at_most=3,
        ),
        known("cold start and first roll call, on the clock", wall_us(costs["ended"], 1e6), "s"),
        known(
            "the look at every index, a minute later: CPU per VM",
            cpu_us(restarts.looks, vms),
            "us",
        ),
        known(
            "first report after a kill: CPU per VM",
            cpu_us(restarts.killed[1:], vms),
            "us",
        ),
        known(
            "cold start and first roll call after a kill: CPU per VM",
            cpu_us(costs["killed"], vms),
            "us",
        ),
    )
