"""What the machine itself allows: bare loops over the same bytes, with nothing of ours around.

Inside the clock: only the loop. `decode`: the VMs of every report into model values; `digest`: the
hash of every account, compared with the one before; `diff`: decoded VMs compared with those before,
by uuid; `commit`: rows of a record's size by executemany into an own file, synchronous FULL.
Outside: making the bytes, and the rows. These are no goals: other benches hold their figures
against the same loops, run in turn with them.
"""

import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench import fleets, reports
from bench.measuring import cpu_us, in_turn, machine, timed
from bench.rows import Result, known
from bench.sizes import Sizes
from vmuster.model.ids import HostId
from vmuster.model.report import digest_of
from vmuster.model.vm import VmObservation

_HOSTS_MAX: Final = 1_000
"""As many say what there is to know: the loops have no fleet."""
_ROWS_TOGETHER: Final = 1_000
_decoder = msgspec.json.Decoder(tuple[VmObservation, ...])


def digest(bodies: Mapping[HostId, bytes], known_as: Mapping[HostId, str]) -> int:
    """How many accounts are not known by their digest, by the hash that a server uses."""
    return sum(known_as[host] != digest_of(body) for host, body in bodies.items())


def decode(accounts: Sequence[bytes]) -> int:
    """How many VMs the accounts (JSON arrays) have, decoded into model values."""
    return sum(len(_decoder.decode(account)) for account in accounts)


def diff(accounts: Sequence[bytes], images: Sequence[Mapping[object, VmObservation]]) -> int:
    """How many VMs are not as their image, after they were decoded."""
    changed = 0
    for account, image in zip(accounts, images, strict=True):
        for vm in _decoder.decode(account):
            changed += image.get(vm.uuid) != vm
    return changed


class BareRows:
    """A table of rows as large as a record's, in a file of its own, synchronous FULL."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(
            folder / "bare.db", isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, said TEXT)")

    def commit(self, rows: Sequence[tuple[int, str]]) -> None:
        """Write rows, in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR REPLACE INTO bare VALUES (?, ?)", rows)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def images_of(accounts: Sequence[bytes]) -> list[dict[object, VmObservation]]:
    """What each account says, by uuid."""
    return [{vm.uuid: vm for vm in _decoder.decode(account)} for account in accounts]


async def run(sizes: Sizes) -> Result:
    """The bench."""
    shape = fleets.Shape(hosts=min(sizes.hosts, _HOSTS_MAX), vms=sizes.vms)
    messages = dict(await fleets.reports_of(shape))
    bodies = {host: reports.body(message) for host, message in messages.items()}
    known_as = {host: digest_of(body) for host, body in bodies.items()}
    accounts = [reports.vms_in(message) for message in messages.values()]
    images = images_of(accounts)
    said = "x" * (len(accounts[0]) // shape.vms)
    rows = [(number, said) for number in range(_ROWS_TOGETHER)]
    with tempfile.TemporaryDirectory() as folder:
        bare = BareRows(Path(folder))
        costs = await in_turn(
            sizes.repeats,
            {
                "decode": timed(lambda: decode(accounts)),
                "digest": timed(lambda: digest(bodies, known_as)),
                "diff": timed(lambda: diff(accounts, images)),
                "commit": timed(lambda: bare.commit(rows)),
            },
        )
        bare.close()
    loops = {
        "typed decode, per VM": "decode",
        "hash and compare, per VM": "digest",
        "decode and compare by uuid, per VM": "diff",
    }
    written = f"commit of {_ROWS_TOGETHER} rows, synchronous FULL, per row"
    account_bytes = sum(map(len, bodies.values())) / shape.all_vms
    return Result(
        bench="limit",
        machine=machine(),
        rows=(
            *(
                known(what, cpu_us(costs[loop], shape.all_vms), "us")
                for what, loop in loops.items()
            ),
            known(written, cpu_us(costs["commit"], _ROWS_TOGETHER), "us"),
            known("bytes of an account, per VM", account_bytes, "B"),
        ),
    )
