"""A database as the first release left it, with rows in every table, and what they mean now."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from tests.conformance.stores.rows import linked
from tests.parts import FLEET, KEY, VM
from vmuster.model import states
from vmuster.model.commands import (
    CommandResult,
    HomeClearance,
    MarkVm,
    OrderFields,
    OutboxCommand,
    OwnershipProof,
    StartVm,
    StopVm,
)
from vmuster.model.host import (
    Cluster,
    Fleet,
    Host,
    HostFacts,
    LocalProfile,
    LoopbackProfile,
    NameGrant,
)
from vmuster.model.ids import ClusterName, CommandId, HostId, HostUuid, OperationId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.model.mark import OwnershipMark, RawMark
from vmuster.model.names import VmKind
from vmuster.model.operations import Operation
from vmuster.model.policy import Policy
from vmuster.model.vm import Sighting, VmRecord

DUMP: Final = Path(__file__).parents[2] / "data" / "store-0001.sql"
"""Every statement that makes such a database, as SQLite dumped it."""

UP, LOST, DEFAULT = HostId("up"), HostId("lost"), ClusterName("default")
NAME = "i-2-78-VM"
RAW = RawMark(fleet=str(FLEET), vm=str(VM), generation="4", key=str(KEY), signature="00ff")
RECORD = VmRecord(
    uuid=VM,
    name=NAME,
    label="web é1",
    kind=VmKind.USER,
    cluster=DEFAULT,
    host=UP,
    desired=states.DesiredState.RUNNING,
    phase=states.VmPhase.RUNNING,
    power=states.PowerState.RUNNING,
    reason=states.PowerReason.UNKNOWN,
    generation=3,
    mark_generation=4,
    protected=True,
    created_at=20.5,
    changed_at=21.0,
    seen_at=22.0,
    boot_id="boot-1",
    version=1,
)


def first_database(path: Path) -> Path:
    """Leave at `path` the database that the first release left, in WAL mode as it was."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(DUMP.read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = WAL")
    return path


def _order(number: int) -> OrderFields:
    return OrderFields(
        id=CommandId(UUID(int=number)),
        operation=OperationId(UUID(int=0x70 + number)),
        host=UP,
        epoch=5,
        vm=VM,
        name=NAME,
        actor="vmuster",
        automatic=True,
        issued_at=40.0,
        valid_seconds=30.0,
    )


COMMANDS = (
    StopVm(
        **_order(0x10),
        proof=OwnershipProof(
            kind=states.ProofKind.RECORD,
            host=UP,
            vm=VM,
            epoch=5,
            sequence=9,
            mark=RAW,
            mark_generation=4,
        ),
        method=states.StopMethod.SHUTDOWN,
        grace_seconds=60.0,
    ),
    StartVm(**_order(0x11), clearance=HomeClearance(host=UP, vm=VM, epoch=5, sequence=9, mark=RAW)),
    MarkVm(
        **_order(0x12),
        mark=OwnershipMark(fleet=FLEET, vm=VM, generation=4, key=KEY, signature=b"s"),
        replaces=None,
    ),
)
FIRST_RESULT = CommandResult(
    command=COMMANDS[0].id, host=UP, outcome=states.CommandOutcome.REFUSED, message="no mark"
)
OUTBOX = tuple(
    OutboxCommand(id=command.id, host=UP, vm=VM, command=command, created_at=at, version=1)
    for command, at in zip(COMMANDS, (40.0, 42.0, 43.0), strict=True)
)

ROWS: Final[Sequence[msgspec.Struct]] = (
    Fleet(
        id=FLEET,
        instance="VM",
        created_at=1.5,
        key=KEY,
        public_keys={str(KEY): b"\0k"},
        intake=2000,
        version=1,
    ),
    Cluster(
        name=DEFAULT,
        policy=Policy(drift=states.Drift.ENFORCE),
        created_at=2.0,
        grant=NameGrant(
            id="grant-1",
            cluster=DEFAULT,
            fleet=FLEET,
            instance="VM",
            granted_by="ann",
            granted_at=11.0,
            key=KEY,
            signature=b"\0s",
        ),
        version=1,
    ),
    Cluster(name=ClusterName("spare"), policy=Policy(), created_at=2.5, version=1),
    Host(
        id=UP,
        name="kvm1",
        cluster=DEFAULT,
        profile=LocalProfile(scope="session"),
        mode=states.HostMode.MANAGE,
        added_at=3.0,
        uuid=HostUuid(UUID(int=7)),
        health=states.HostHealth.UP,
        facts=HostFacts(
            uuid=HostUuid(UUID(int=7)),
            boot_id="b1",
            hypervisor="QEMU",
            version="7.2.0",
            hostname="kvm1",
        ),
        epoch=5,
        sequence=9,
        digest="ab",
        vms_seen=2,
        last_report_at=31.5,
        last_complete_at=30.0,
        well_since=31.5,
        version=2,
    ),
    Host(
        id=LOST,
        name="kvm2",
        cluster=DEFAULT,
        profile=LoopbackProfile(port=16509),
        mode=states.HostMode.OBSERVE,
        added_at=4.0,
        health=states.HostHealth.SUSPECT,
        epoch=2,
        sequence=1,
        last_report_at=12.0,
        trouble="it does not answer",
        version=1,
    ),
    RECORD,
    VmRecord(
        uuid=VmUuid(UUID(int=2)),
        name="i-2-79-VM",
        label="gone",
        kind=VmKind.USER,
        cluster=DEFAULT,
        host=None,
        desired=states.DesiredState.ABSENT,
        phase=states.VmPhase.DELETED,
        power=states.PowerState.UNKNOWN,
        reason=states.PowerReason.UNKNOWN,
        generation=1,
        mark_generation=2,
        protected=False,
        created_at=5.0,
        changed_at=6.0,
        seen_at=7.0,
        removed_at=8.0,
        version=1,
    ),
    Sighting(
        host=LOST,
        uuid=VmUuid(UUID(int=3)),
        name="Windows 7 (32-bit) (1)",
        power=states.PowerState.STOPPED,
        reason=states.PowerReason.UNKNOWN,
        mark=states.MarkVerdict.NONE,
        standing=states.Standing.ALIEN,
        finding="",
        why="no record, no mark",
        complete_reports=1,
        taken_in=10,
        asked_after=9,
        active_since=0,
        first_seen_at=11.0,
        last_seen_at=12.0,
        absent=True,
    ),
    Sighting(
        host=UP,
        uuid=VM,
        name=NAME,
        power=states.PowerState.RUNNING,
        reason=states.PowerReason.UNKNOWN,
        mark=states.MarkVerdict.OURS,
        standing=states.Standing.OWNED,
        finding="in_sync",
        why="it runs, as asked",
        complete_reports=2,
        taken_in=50,
        asked_after=49,
        active_since=50,
        first_seen_at=23.0,
        last_seen_at=31.5,
        raw_mark=RAW,
    ),
    Operation(
        id=OperationId(UUID(int=0x81)),
        kind=states.OperationKind.STOP,
        vm=VmUuid(UUID(int=2)),
        name="i-2-79-VM",
        host=LOST,
        actor="bob",
        created_at=49.0,
        deadline_at=349.0,
        state=states.OperationState.FAILED,
        message="refused",
        finished_at=60.0,
        version=1,
    ),
    Operation(
        id=OperationId(UUID(int=0x80)),
        kind=states.OperationKind.ADOPT,
        vm=VM,
        name=NAME,
        host=UP,
        actor="ann",
        created_at=50.0,
        deadline_at=350.0,
        force=True,
        state=states.OperationState.RUNNING,
        command=COMMANDS[2].id,
        idempotency_key="k1",
        intake=1999,
        previous=msgspec.structs.replace(RECORD, version=0),
        version=1,
    ),
    msgspec.structs.replace(OUTBOX[0], result=FIRST_RESULT, answered_at=41.0),
    *OUTBOX[1:],
    *linked(
        JournalEntry(
            id=1,
            at=44.0,
            kind=EntryKind.DECISION,
            actor="vmuster",
            what="it's gone",
            rule="S5",
            host=UP,
            cluster=DEFAULT,
            vm=VM,
            name=NAME,
            operation=OperationId(UUID(int=0x80)),
            command=COMMANDS[0].id,
            evidence={"seen": [1, 2.5, None], "text": "é"},
        ),
        JournalEntry(id=2, at=45.0, kind=EntryKind.AUDIT, actor="ann", what="added a host"),
    ),
    ApiKey(name="ci", digest="0" * 64, created_at=9.0, version=1),
)
"""What those rows are now, each kind in its order: nothing is held, and keys may do all."""
