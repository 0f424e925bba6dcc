"""Commands, as they became durable: with the rows of that very moment."""

from collections.abc import Iterator

import msgspec

from vmuster.model.commands import Command, OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.vm import VmRecord
from vmuster.sim.world.database import Database
from vmuster.sim.world.truth import Committed


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A command was written into the outbox by a server's `process`. The rows are as they were
    just then; None where there was none. `created_at`: epoch seconds, as the server believed."""

    at: float
    process: str
    command: Command
    created_at: float
    fleet: Fleet | None
    cluster: Cluster | None
    host: Host | None
    record: VmRecord | None


def issued(database: Database, commit: Committed) -> Iterator[Issued]:
    """The commands that this set of changes put into the outbox."""
    for write in commit.changes.writes:
        row = write.after
        if write.before is not None or not isinstance(row, OutboxCommand):
            continue
        host = database.row(Host, row.host)
        yield Issued(
            at=commit.at,
            process=commit.process,
            command=row.command,
            created_at=row.created_at,
            fleet=database.row(Fleet),
            cluster=None if host is None else database.row(Cluster, host.cluster),
            host=host,
            record=database.row(VmRecord, row.vm),
        )
