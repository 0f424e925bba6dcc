"""The same roll call beside OpenStack Nova's power sync, taken in turn on this machine.

Nova is installed into an environment of its own (`.bench/nova`, from a hashed lock), where
`bench/nova_sync.py` runs its unmodified sync over 1,000 instances: SQLite, a conductor in the same
process, a driver that costs nothing. Ours is measured as `rollcall` does it, over the whole fleet.
Inside the clock of each side: all CPU of the process from the reports, or the driver's answers, to
what is committed. Outside: installing, seeding, one sync to warm up.

1 % changed: the CPU of the whole roll call, or the whole sync, for each VM that changed, the same
share on both sides. The last row divides what Nova takes where every instance has changed, which is
its cheapest way to record a change, by our 1 %: no goal, and the hardest comparison there is.
"""

import asyncio
import hashlib
import shutil
import statistics
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from bench import rollcall
from bench.fleets import ROOT
from bench.measuring import Cost, in_turn, machine
from bench.rows import Result, Row, times_less
from bench.sizes import Sizes

PLACE: Final = ROOT / ".bench" / "nova"
LOCK: Final = Path(__file__).parent / "requirements-nova.lock"
_SYNC: Final = Path(__file__).parent / "nova_sync.py"
_INSTANCES: Final = 1_000
_SHARES: Final = {"unchanged": 0.0, "changed": 0.01, "all changed": 1.0}
_PYTHON: Final = PLACE / "bin" / "python"
RUN: Final = (_PYTHON, "-P", _SYNC)
"""Without this folder in the path: its `nova` is not the one that is meant."""


class Sync(msgspec.Struct, frozen=True, kw_only=True):
    """What one sync has cost, in seconds, and over how many instances."""

    instances: int
    changed: int
    cpu: float
    wall: float


class Peer:
    """Nova's compute manager in a process of its own, which syncs when it is asked."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def sync(self, share: float) -> Sync:
        """One sync, in which this share of the instances has changed."""
        asked, answered = self._process.stdin, self._process.stdout
        if asked is None or answered is None:
            raise BrokenPipeError("Nova was started without pipes")
        asked.write(f"{share}\n".encode())
        line = await answered.readline()
        if not line:
            raise BrokenPipeError(f"Nova has ended; see {PLACE / 'work' / 'nova.log'}")
        return msgspec.json.decode(line, type=Sync)

    async def cost(self, share: float) -> Cost:
        """What one sync costs."""
        sync = await self.sync(share)
        return Cost(sync.cpu, sync.wall)


def install() -> None:
    """Make Nova's environment, unless it is there. The stamp is written last."""
    stamp, due = PLACE / "stamp", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == due:
        return
    shutil.rmtree(PLACE, ignore_errors=True)
    uv = Path(sys.executable).parent / "uv"
    subprocess.run([sys.executable, "-m", "venv", PLACE], check=True, stdout=sys.stderr)
    asked = ("pip", "install", "--quiet", "--require-hashes", "--python", _PYTHON, "-r", LOCK)
    subprocess.run([uv, *asked], check=True, stdout=sys.stderr)
    stamp.write_text(due, encoding="ascii")


def seeded(instances: int) -> Path:
    """A database of Nova's with so many instances; made once."""
    place = PLACE / "work" / f"{instances}.sqlite"
    if not place.exists():
        place.parent.mkdir(exist_ok=True)
        making = place.with_suffix(".making")
        making.unlink(missing_ok=True)
        subprocess.run([*RUN, "seed", making, str(instances)], check=True)
        making.rename(place)
    return place


@asynccontextmanager
async def peer(database: Path) -> AsyncGenerator[Peer]:
    """Nova over a database of its own, in a process that ends with the `async with`."""
    process = await asyncio.create_subprocess_exec(
        *RUN,
        "serve",
        database,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Peer(process)
    finally:
        with suppress(ProcessLookupError):  # it may have ended by itself
            process.kill()
        await process.wait()


async def run(sizes: Sizes) -> Result:
    """The bench."""
    await asyncio.to_thread(install)
    database = await asyncio.to_thread(seeded, _INSTANCES)
    shape = sizes.shape()
    async with AsyncExitStack() as stack:
        call, _ = await rollcall.begun(stack, shape)
        nova = await stack.enter_async_context(peer(database))
        warm = await nova.sync(0.0)
        works = {name: _syncing(nova, share) for name, share in _SHARES.items()}
        still = {"unchanged": works.pop("unchanged"), "our unchanged": call.unchanged}
        # first: after a change there is another look at what has changed
        costs = await in_turn(sizes.repeats, still)
        costs |= await in_turn(sizes.repeats, works | {"our changed": call.changed})
    cpu = {name: statistics.median(each.cpu for each in some) for name, some in costs.items()}
    return Result(
        bench="nova",
        machine=machine(),
        rows=rows(cpu, vms=shape.all_vms, instances=warm.instances),
    )


def _syncing(nova: Peer, share: float) -> Callable[[], Awaitable[Cost]]:
    return lambda: nova.cost(share)


def rows(cpu: Mapping[str, float], *, vms: int, instances: int) -> tuple[Row, ...]:
    """The rows. `cpu`: seconds of one roll call of each side, over our `vms` or its `instances`."""
    ours, theirs = rollcall.turned_of(vms), round(instances * _SHARES["changed"])
    each = 1e6 * cpu["our changed"] / ours
    return (
        times_less(
            "unchanged: CPU per VM, against Nova's sync",
            1e6 * cpu["our unchanged"] / vms,
            1e6 * cpu["unchanged"] / instances,
            "us",
            at_least=10_000,
        ),
        times_less(
            "1 % changed: CPU per changed VM, against Nova's record-only path",
            each,
            1e6 * cpu["changed"] / theirs,
            "us",
            at_least=300,
        ),
        times_less(
            "the same, against Nova where every instance has changed",
            each,
            1e6 * cpu["all changed"] / instances,
            "us",
            at_least=0,
        ),
    )
