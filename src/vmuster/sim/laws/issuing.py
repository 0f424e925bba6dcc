"""Commands, as they became durable: with the rows of that very moment."""

from collections.abc import Iterator

import msgspec

from vmuster.model.commands import Command, OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.vm import VmRecord
from vmuster.sim.world.database import Database
from vmuster.sim.world.truth import Committed, Truth


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A command was written into the outbox by a server's `process`. The rows are as they were
    just then; None where there was none. `created_at`: epoch seconds, as the server believed.
    `automatic`: whether no person asked for it."""

    at: float
    process: str
    command: Command
    created_at: float
    automatic: bool
    fleet: Fleet | None
    cluster: Cluster | None
    host: Host | None
    record: VmRecord | None


def issued(database: Database, commit: Committed) -> Iterator[Issued]:
    """The commands that this set of changes put into the outbox, as all the rows have it."""
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
            automatic=row.command.automatic,
            fleet=database.row(Fleet),
            cluster=None if host is None else database.row(Cluster, host.cluster),
            host=host,
            record=database.row(VmRecord, row.vm),
        )


def truly_issued(database: Database, truth: Truth, commit: Committed) -> Iterator[Issued]:
    """As `issued`, with rows as people have decided them, and their own requests for no others than
    those that somebody made: whatever the rows say, and by whomever they are signed."""
    said = truth.decided.of
    for order in issued(database, commit):
        yield msgspec.structs.replace(
            order,
            automatic=order.automatic or order.command.operation not in truth.personal,
            fleet=None if order.fleet is None else said(order.fleet),
            cluster=None if order.cluster is None else said(order.cluster),
            host=None if order.host is None else said(order.host),
        )
