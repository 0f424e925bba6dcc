"""The database, as the server sees it: typed reads, and one way to write."""

from collections.abc import Collection, Sequence
from typing import Final, Protocol, TypeVar

import msgspec

from vmuster.model.automation import HeldPlan, Spent
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation
from vmuster.model.policy import WINDOW_SECONDS
from vmuster.model.vm import Sighting, VmRecord

Row = TypeVar(
    "Row",
    Fleet,
    Cluster,
    Host,
    VmRecord,
    Sighting,
    Operation,
    OutboxCommand,
    JournalEntry,
    ApiKey,
    HeldPlan,
    Credential,
)


SPENT_SECONDS_MAX: Final = 2 * WINDOW_SECONDS
"""A window, and as long again: what is a little ahead was written at this very moment by others."""


class HostRows(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass needs, read in one transaction.

    `records`: every record, tombstones included, that lives on the host, was seen there, or has one
    of the uuids asked for. `here`: the host's sightings; `elsewhere`: sightings of the uuids asked
    for, or recorded on the host, on other hosts. `named`: live records that bear one of the names
    asked for, or whose name points to the same number. `operations`: open ones on any VM asked
    for or recorded on the host, or of the host. `orphans`: how many ORPHAN sightings the host's
    cluster has, absent ones aside. `spent`: automatic stops and starts put into the outbox at or
    after `since`, and not more than `SPENT_SECONDS_MAX` after it: those are of a clock
    that was set back since.
    `hold`: the host's held plan.
    """

    fleet: Fleet
    cluster: Cluster
    host: Host
    records: tuple[VmRecord, ...]
    here: tuple[Sighting, ...]
    elsewhere: tuple[Sighting, ...]
    named: tuple[VmRecord, ...]
    operations: tuple[Operation, ...]
    orphans: int
    spent: Spent
    hold: HeldPlan | None = None


class Store(Protocol):
    """Reads see committed data only. Errors: `Unavailable` when the database does not answer."""

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        """The row of `kind` with this key, or None.

        Keys: Fleet none (there is one); Cluster name; Host id; VmRecord uuid; Sighting (host,
        uuid); Operation id; OutboxCommand id; JournalEntry id; ApiKey name;
        HeldPlan host; Credential name.
        """
        ...

    async def find(
        self,
        kind: type[Row],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        readable: bool = False,
        **equal: object,
    ) -> Sequence[Row]:
        """Rows of `kind` whose fields equal the given values, in key order, at most `limit`.

        `equal` takes fields of the row that are columns of their own (see `stores/tables.py`).
        A value of None asks for rows where the field is null. `newest_first` turns the order round.
        `readable`: a row that can't be read is left out, and said by `unread`, for whoever can do
        without it; else it is `Corrupt`.
        """
        ...

    async def unread(self) -> Sequence[str]:
        """The rows that `find` left out and that can't be read now either, in words."""
        ...

    async def load_host(
        self, host: HostId, vms: Collection[VmUuid], names: Collection[str], since: float
    ) -> HostRows | None:
        """Everything one pass over this host needs; None where there is no such host."""
        ...

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """Write each set, all or nothing, in one transaction with a savepoint for each.

        Returns, for each set, "" where it was written, else the reason in words why it was not:
        a guarded row had changed, or a name of a live record, a host or a host uuid is taken.
        When this returns, what was written is durable.
        """
        ...

    async def close(self) -> None:
        """Release the database. Nothing else may be called after."""
        ...
