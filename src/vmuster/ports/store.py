"""The database, as the server sees it: typed reads, and one way to write."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol, TypeVar

import msgspec

from vmuster.model.automation import HeldPlan, Spent
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.policy import WINDOW_SECONDS
from vmuster.model.settled import Settled
from vmuster.model.states import DesiredState, PowerState, Standing, VmPhase
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook

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
    Webhook,
    RequestAnswer,
    Settled,
)


SPENT_SECONDS_MAX: Final = 2 * WINDOW_SECONDS
"""A window, and as long again: what is a little ahead was written at this very moment by others."""


class HostAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass over `host` wants to know: of these `vms`, and of all that is known of the host
    where it is `whole`. `names`: by which VMs go; they are looked for where a VM has no record."""

    host: HostId
    vms: Collection[VmUuid] = ()
    names: Mapping[VmUuid, str] = {}
    whole: bool = True


class HostRows(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass needs, read in one transaction.

    `records`: every record, tombstones included, that lives on the host, was seen there, or has one
    of the uuids asked for. `here`: the host's sightings; `elsewhere`: sightings of the uuids asked
    for, or recorded on the host, on other hosts. `named`: live records that bear the name by which
    a VM without a record goes, or whose name points to the same number. `operations`: open ones on
    any VM asked for or recorded on the host, or of the host. Where the host is not asked for as a
    `whole`, of records, sightings and operations only those of the uuids asked for. `orphans`: how
    many ORPHAN sightings the host's cluster has, absent ones aside. `spent`: automatic stops and
    starts put into the outbox at or after `since`, and not more than `SPENT_SECONDS_MAX` after it:
    those are of a clock that was set back since. `hold`: the host's held plan.
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


Place = tuple[str, VmUuid, HostId | None]
"""Where a `VmRow` stands in the order of all: its name, its uuid, its host."""


class VmRow(msgspec.Struct, frozen=True, kw_only=True):
    """A VM as one line of a list: a sighting that is not absent, with the live record of its uuid
    if there is one; or a live record whose own host has no such sighting.

    The name of its place is the one that its host shows, or that of the record alone; that of the
    record always, where only such lines are asked for (`VmQuery.of_records`).
    """

    place: Place
    sighting: Sighting | None
    record: VmRecord | None


class VmQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which VMs are asked for: all that fit everything that is said.

    `name`: exactly this, as its host shows it or as recorded. `standing`: of the sighting, so that
    a record alone has none. `desired` and `phase`: of the record, where it lives on that host.
    """

    uuid: VmUuid | None = None
    host: HostId | None = None
    cluster: ClusterName | None = None
    name: str = ""
    standing: Standing | None = None
    power: PowerState | None = None
    desired: DesiredState | None = None
    phase: VmPhase | None = None

    @property
    def of_records(self) -> bool:
        """Whether only lines with a record that lives there are asked for."""
        return self.desired is not None or self.phase is not None


class Store(Protocol):
    """Reads see committed data only. Errors: `Unavailable` when the database does not answer."""

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        """The row of `kind` with this key, or None.

        Keys: Fleet none (there is one); Cluster name; Host id; VmRecord uuid; Sighting (host,
        uuid); Operation id; OutboxCommand id; JournalEntry id; ApiKey name;
        HeldPlan host; Credential name; Webhook name; RequestAnswer (actor, key); Settled host.
        """
        ...

    async def unanswered(self, host: HostId) -> Sequence[OutboxCommand]:
        """Every command for `host` that has no answer yet, in their order."""
        ...

    async def known_on(self, host: HostId) -> Sequence[VmUuid]:
        """The VMs that were seen on `host`, or whose live record has its home there; but for those
        of which it is confirmed that they are not there. By uuid."""
        ...

    async def find(
        self,
        kind: type[Row],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        after: tuple[object, ...] = (),
        readable: bool = False,
        **equal: object,
    ) -> Sequence[Row]:
        """Rows of `kind` whose fields equal the given values, in key order, at most `limit`.

        `equal` takes fields of the row that are columns of their own (see `stores/sql/tables.py`).
        A value of None asks for rows where the field is null, a frozenset for rows where the field
        is one of its values. `newest_first` turns the order round. `after`: only rows that come
        later than this place in that order (`model/rows.py` says which fields it is made of).
        `readable`: a row that can't be read is left out, and said by `unread`, for whoever can do
        without it; else it is `Corrupt`.
        """
        ...

    async def count(self, kind: type[Row], /, by: str, **equal: object) -> dict[object, int]:
        """How many rows of `kind` whose fields equal the given values there are, for each value of
        their field `by` that occurs; enums as enums. Rows are not read, so none is `Corrupt`.
        """
        ...

    async def vms(
        self, query: VmQuery, *, after: Place | None = None, limit: int = 1000
    ) -> Sequence[VmRow]:
        """The VMs that fit, by their place, later than `after`; at most `limit`.

        Rows that can't be read are left out, and said by `unread`.
        """
        ...

    async def unseen(self) -> dict[object, int]:
        """How many live records there are whose own host does not show their VM, for each phase
        that occurs; as `count` counts.
        """
        ...

    async def unread(self) -> Sequence[str]:
        """The rows that `find` left out and that can't be read now either, in words."""
        ...

    async def weigh(self, kinds: Collection[type[msgspec.Struct]]) -> str:
        """What all rows of these kinds come to: it is the same for as long as none of them is
        written, in whatever way. "" where that can't be told, since a row has no checksum.
        """
        ...

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        """For each host that is asked for, everything a pass over it needs, all of one moment; None
        where there is no such host. `since`: see `HostRows`."""
        ...

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """Write each set, all or nothing, as if one after another, in one transaction.

        Returns, for each set, "" where it was written, else the reason in words why it was not:
        a guarded row had changed, or a name of a live record, a host or a host uuid is taken.
        When this returns, what was written is durable.
        """
        ...

    def rehearsal(self) -> AbstractAsyncContextManager["Store"]:
        """A store that is this one, in which everything can be written in vain.

        What is committed to it is checked as in earnest, and is seen by its reads, and by nobody
        else; when the rehearsal ends, all of it is undone. While one lasts, other commits may wait
        for its end: nothing slow belongs into it.
        """
        ...

    async def close(self) -> None:
        """Release the database. Nothing else may be called after."""
        ...
