"""How a serving process grows with its fleet, in bytes of resident memory per VM.

A process of its own serves a fleet in a real file, hears every host twice, collects its garbage
and says what the kernel counts for it; once with the small fleet, once with the whole one, and
the difference is told. Included: conversations, links in this process, and all that is remembered
of hosts and VMs. The reports come from a file, some hosts at a time, and are let go. Not included:
greetings, which leave nothing that grows with VMs.
"""

import asyncio
import gc
import statistics
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Final

from bench import fleets, reports
from bench.fleets import ROOT, Shape
from bench.measuring import machine, resident_bytes
from bench.rows import Result, at_most, known
from bench.serving import serving
from bench.sizes import Sizes
from vmuster.wiring.serving.heap import share_one_heap

_CROWD: Final = 200
_ROLL_CALLS: Final = 2
MIB: Final = 1 << 20


async def run(sizes: Sizes) -> Result:
    """The bench."""
    small, whole = sizes.small(), sizes.shape()
    for shape in (small, whole):  # or the first process of each would be measured as it builds one
        await asyncio.to_thread(fleets.built, shape)
    found: dict[Shape, list[int]] = {small: [], whole: []}
    for _ in range(sizes.repeats):
        for shape, seen in found.items():
            seen.append(await asyncio.to_thread(measured, shape))
    before, after = (statistics.median(seen) for seen in found.values())
    more = max(1, whole.all_vms - small.all_vms)
    growth = (after - before) / more
    return Result(
        bench="memory",
        machine=machine(),
        rows=(
            at_most(
                f"growth from {small.all_vms} to {whole.all_vms} VMs, per VM", growth, "B", 150
            ),
            known(f"a process that serves {small.all_vms} VMs", before / MIB, "MiB"),
            known(f"a process that serves {whole.all_vms} VMs", after / MIB, "MiB"),
        ),
    )


def measured(shape: Shape) -> int:
    """The resident bytes of a process that serves a fleet of this shape."""
    asked = (sys.executable, "-m", "bench.memory", str(shape.hosts), str(shape.vms))
    done = subprocess.run(asked, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout)


async def served(shape: Shape) -> int:
    """The resident bytes of this process, once it has heard the whole fleet."""
    with tempfile.TemporaryDirectory() as folder:
        database = await asyncio.to_thread(fleets.copied, shape, Path(folder))
        async with serving(database) as server:
            for sequence in range(2, 2 + _ROLL_CALLS):
                hosts = fleets.first_reports(shape)
                while some := list(islice(hosts, _CROWD)):
                    for host, message in some:
                        await server.say(host, reports.later(host, message, sequence))
                    await server.taken_in()
            server.check()
            gc.collect()
            return resident_bytes()


if __name__ == "__main__":
    hosts_, vms_ = map(int, sys.argv[1:])
    share_one_heap()
    sys.stdout.write(str(asyncio.run(served(Shape(hosts=hosts_, vms=vms_)))))
