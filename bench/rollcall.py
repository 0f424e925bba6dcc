"""A whole fleet's roll call: nothing changed, and 1 % changed.

Inside the clock: all that the process does from a report's bytes in the link's queue to its
acknowledgement, every thread's CPU: link, session, hash, pass, commit on SQLite FULL, journal, log
lines. Outside: building the fleet, starting the server, one roll call that lets the server know
each account, making the bytes of the next reports. Agents and network are not measured. Reports
come in crowds of `_CROWD` hosts, all at once; the clock stands still while the bytes of the next
crowd are made.
"""

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import islice
from pathlib import Path
from typing import Final

from bench import fleets, limit, reports, resting
from bench.counting import Counts, counting
from bench.fleets import Shape
from bench.measuring import Cost, cpu_us, in_turn, machine, timed
from bench.rows import Result, Row, at_most, known, times_more
from bench.serving import Serving, serving
from bench.sizes import Sizes
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.report import digest_of

_CROWD: Final = 500
_TIMES_MAX: Final = 20
"""Roll calls of the small fleet for one of the whole one: it is over too soon to be timed."""
_TRIES: Final = 3
_COUNTED: Final = 50
"""Hosts in the batch whose statements are counted."""
_PERCENT: Final = 1


class RollCall:
    """The fleet's side of its roll calls: what each host says next, in this `epoch`."""

    def __init__(
        self, server: Serving, messages: dict[HostId, bytes], epoch: int = resting.EPOCH
    ) -> None:
        self.server = server
        self._messages = messages
        self._epoch = epoch
        self._sequence = 1
        self._chance = random.Random(1)

    async def unchanged(self, times: int = 1) -> Cost:
        """Every host says the same again; so many times, for what is over too soon to be timed."""
        cost = Cost()
        for _ in range(times):
            cost += await self._called(self._messages)
        return cost

    async def changed(self) -> Cost:
        """Every host says its account; one in a hundred of all VMs has changed since."""
        vms = [
            (host, vm.uuid)
            for host, message in self._messages.items()
            for vm in reports.report_in(message).vms
        ]
        turned: dict[HostId, set[VmUuid]] = {}
        for host, vm in self._chance.sample(vms, turned_of(len(vms))):
            turned.setdefault(host, set()).add(vm)
        self._change(turned)
        return await self._called(self._messages)

    async def one_each(self, hosts: int) -> Cost:
        """Of so many hosts one VM each has changed, and no other host speaks."""
        some = list(islice(self._messages, hosts))
        self._change({h: {reports.report_in(self._messages[h]).vms[0].uuid} for h in some})
        return await self._called({host: self._messages[host] for host in some})

    async def again(self, hosts: int) -> Cost:
        """So many hosts say the same again, and no other host speaks."""
        return await self._called(dict(islice(self._messages.items(), hosts)))

    def _change(self, turned: Mapping[HostId, set[VmUuid]]) -> None:
        for host, vms in turned.items():
            self._messages[host] = reports.changed(self._messages[host], 1, vms)

    async def _called(self, messages: Mapping[HostId, bytes]) -> Cost:
        self._sequence += 1
        cost, hosts = Cost(), iter(messages.items())
        while some := list(islice(hosts, _CROWD)):
            said = [
                (host, reports.later(host, message, self._sequence, self._epoch))
                for host, message in some
            ]
            with cost.running():
                for host, message in said:
                    await self.server.say(host, message)
                await self.server.taken_in()
        self.server.check()
        return cost


def turned_of(vms: int) -> int:
    """How many of so many VMs change from one roll call to the next."""
    return max(1, vms * _PERCENT // 100)


async def begun(stack: AsyncExitStack, shape: Shape) -> tuple[RollCall, dict[HostId, bytes]]:
    """A server over a fleet of this shape that has heard each host once, and what they said."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    database = await asyncio.to_thread(fleets.copied, shape, folder)
    messages = dict(await fleets.reports_of(shape))
    call = RollCall(await stack.enter_async_context(serving(database)), messages)
    await call.unchanged()
    return call, messages


async def run(sizes: Sizes) -> Result:
    """The bench."""
    whole, small = sizes.shape(), sizes.small()
    times = min(_TIMES_MAX, max(1, whole.hosts // small.hosts))
    async with AsyncExitStack() as stack:
        call, messages = await begun(stack, whole)
        small_call, _ = await begun(stack, small)
        bodies = {host: reports.body(message) for host, message in messages.items()}
        known_as = {host: digest_of(body) for host, body in bodies.items()}
        works: dict[str, Callable[[], Awaitable[Cost]]] = {
            "bare": timed(lambda: limit.digest(bodies, known_as)),
            "unchanged": call.unchanged,
            "small": lambda: small_call.unchanged(times),
        }
        costs = await in_turn(sizes.repeats, works)
        costs |= await in_turn(sizes.repeats, {"changed": call.changed})
        still, batch = await counted(call, min(_COUNTED, whole.hosts))
    return Result(
        bench="rollcall",
        machine=machine(),
        rows=(
            times_more(
                "unchanged: CPU per VM, against hash and compare of the same bytes",
                cpu_us(costs["unchanged"], whole.all_vms),
                cpu_us(costs["bare"], whole.all_vms),
                "us",
                at_most=4,
            ),
            times_more(
                f"unchanged: CPU per VM of {whole.all_vms} VMs, against {small.all_vms} VMs",
                cpu_us(costs["unchanged"], whole.all_vms),
                cpu_us(costs["small"], small.all_vms * times),
                "us",
                at_most=1.25,
            ),
            known(
                f"{_PERCENT} % changed: CPU of the whole roll call per changed VM",
                cpu_us(costs["changed"], turned_of(whole.all_vms)),
                "us",
            ),
            *counted_rows(still, batch, min(_COUNTED, whole.hosts)),
        ),
    )


async def counted(call: RollCall, hosts: int) -> tuple[Counts, Counts]:
    """What goes to the database when so many hosts are unchanged, and when a VM of each changes.

    After a change it takes two more reports until nothing about it is new.
    """
    await call.unchanged()
    await call.unchanged()
    return await _least(lambda: call.again(hosts)), await _least(lambda: call.one_each(hosts))


async def _least(work: Callable[[], Awaitable[Cost]]) -> Counts:
    """The least of what is counted while `work` is done again and again: at any moment another
    part of the server may ask for something of its own."""
    found: list[Counts] = []
    for _ in range(_TRIES):
        with counting() as counts:
            await work()
        found.append(counts)
    return min(found, key=lambda counts: counts.statements.total())


def counted_rows(still: Counts, batch: Counts, hosts: int) -> Sequence[Row]:
    """What was counted, for so many unchanged hosts and for a batch of so many changed ones."""
    of = f"batch of {hosts} changed hosts"
    most, total = batch.most, batch.statements.total()
    return (
        at_most(f"{hosts} unchanged hosts: statements", still.statements.total(), "statements", 0),
        at_most(f"{of}: statements about one kind of row, at most", most, "statements", 4),
        at_most(f"{of}: commits", batch.commits, "commits", 1),
        known(f"{of}: statements", total, "statements"),
    )
