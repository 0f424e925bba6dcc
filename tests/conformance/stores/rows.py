"""Rows to keep: one of each kind, and the sets of changes that write them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from tests.parts import CLUSTER, FLEET, HOST, KEY, MARK, NAME, NOW, OTHER, VM, grant, host
from vmuster.model.automation import HeldAct, HeldPlan
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.commands import (
    Command,
    HomeClearance,
    MarkVm,
    OrderFields,
    OutboxCommand,
    OwnershipProof,
    StartVm,
    StopVm,
)
from vmuster.model.host import Cluster, Fleet, Host, SimulatedProfile
from vmuster.model.ids import CommandId, OperationId, PlanId, VmUuid
from vmuster.model.journal import FIRST_LINK, EntryKind, JournalEntry, link
from vmuster.model.keys import ApiKey, Credential, CredentialKind
from vmuster.model.mark import OwnershipMark
from vmuster.model.operations import RequestAnswer
from vmuster.model.policy import Policy
from vmuster.model.settled import Settled
from vmuster.model.states import HostMode, OperationKind, ProofKind, StopMethod
from vmuster.model.webhooks import Webhook
from vmuster.stores.sql.rows import column_names, to_row

SECOND: Final = VmUuid(UUID(int=2))
THIRD: Final = VmUuid(UUID(int=3))


def fleet() -> Fleet:
    return Fleet(id=FLEET, instance="VM", created_at=1.0, key=KEY, public_keys={str(KEY): b"\0k"})


def cluster(**changes: object) -> Cluster:
    plain = Cluster(name=CLUSTER, policy=Policy(), created_at=2.0, grant=grant())
    return msgspec.structs.replace(plain, **changes)


def other_host(**changes: object) -> Host:
    other = Host(
        id=OTHER,
        name=OTHER,
        cluster=CLUSTER,
        profile=SimulatedProfile(name=OTHER),
        mode=HostMode.OBSERVE,
        added_at=3.0,
    )
    return msgspec.structs.replace(other, **changes)


def stop(number: int = 1, *, automatic: bool = True, **changes: object) -> OutboxCommand:
    command = StopVm(
        **_order(number, automatic=automatic),
        proof=OwnershipProof(kind=ProofKind.RECORD, host=HOST, vm=VM, epoch=1, sequence=9),
        method=StopMethod.SHUTDOWN,
        grace_seconds=60.0,
    )
    return _waiting(command, changes)


def start(number: int = 2, *, automatic: bool = True, **changes: object) -> OutboxCommand:
    clearance = HomeClearance(host=HOST, vm=VM, epoch=1, sequence=9, mark=MARK)
    command = StartVm(**_order(number, automatic=automatic), clearance=clearance)
    return _waiting(command, changes)


def marking(number: int = 3, *, automatic: bool = True, **changes: object) -> OutboxCommand:
    mark = OwnershipMark(fleet=FLEET, vm=VM, generation=1, key=KEY, signature=b"s")
    command = MarkVm(**_order(number, automatic=automatic), mark=mark, replaces=None)
    return _waiting(command, changes)


def _order(number: int, *, automatic: bool) -> OrderFields:
    return OrderFields(
        id=CommandId(UUID(int=number)),
        operation=OperationId(UUID(int=number)),
        host=HOST,
        epoch=1,
        vm=VM,
        name=NAME,
        actor="vmuster",
        automatic=automatic,
        issued_at=NOW,
        valid_seconds=30.0,
    )


def _waiting(command: Command, changes: Mapping[str, object]) -> OutboxCommand:
    waiting = OutboxCommand(id=command.id, host=HOST, vm=VM, command=command, created_at=NOW)
    return msgspec.structs.replace(waiting, **changes)


def held_plan(**changes: object) -> HeldPlan:
    act = HeldAct(vm=VM, name=NAME, act=OperationKind.STOP, rule="drift", why="it runs")
    plan = HeldPlan(
        host=HOST,
        id=PlanId(UUID(int=5)),
        cluster=CLUSTER,
        why="3 automatic stops in one pass",
        acts=(act,),
        held_at=NOW,
    )
    return msgspec.structs.replace(plan, **changes)


def credential(**changes: object) -> Credential:
    key = Credential(
        name="root", kind=CredentialKind.SSH, sealed=b"\0\xff", public="SHA256:x", created_at=5.0
    )
    return msgspec.structs.replace(key, **changes)


def entry(**changes: object) -> JournalEntry:
    line = JournalEntry(at=NOW, kind=EntryKind.AUDIT, actor="ann", what="looked", vm=VM)
    return msgspec.structs.replace(line, **changes)


def api_key(**changes: object) -> ApiKey:
    key = ApiKey(name="ci", digest="0" * 64, created_at=4.0)
    return msgspec.structs.replace(key, **changes)


def webhook(**changes: object) -> Webhook:
    told = Webhook(
        name="pager",
        url="https://pager.example/hook",
        sealed=b"\0\xfe",
        kinds=(EntryKind.ALERT, EntryKind.HELD),
        created_at=6.0,
    )
    return msgspec.structs.replace(told, **changes)


def request_answer(**changes: object) -> RequestAnswer:
    kept = RequestAnswer(
        actor="ann", key="k", digest="1" * 64, status=202, body='{"id":1}', created_at=7.0
    )
    return msgspec.structs.replace(kept, **changes)


def settled(**changes: object) -> Settled:
    known = Settled(host=HOST, digest="2" * 32, judged_at=8.0, seal="vmuster 1: vm 1 7")
    return msgspec.structs.replace(known, **changes)


def linked(*entries: JournalEntry) -> Sequence[JournalEntry]:
    """Numbered entries as they hang together: each with its link to the one before."""
    before, found = FIRST_LINK, list[JournalEntry]()
    for entry in entries:
        before = link(before, entry)
        found.append(msgspec.structs.replace(entry, chain=before))
    return found


def named_row(row: msgspec.Struct) -> dict[str, Any]:
    """The columns of `row` in an SQL database, by name."""
    return dict(zip(column_names(type(row)), to_row(row), strict=True))


def inserted(*rows: Guarded) -> Changes:
    """The set that inserts `rows`."""
    return Changes(writes=tuple(Write(before=None, after=row) for row in rows))


def changed(before: Guarded, after: Guarded) -> Changes:
    """The set that updates one row."""
    return Changes(writes=(Write(before=before, after=after),))


def dropped(row: Guarded) -> Changes:
    """The set that deletes one row."""
    return Changes(writes=(Write(before=row, after=None),))


def house() -> Changes:
    """What every other row stands on: the fleet, a cluster, two hosts."""
    return inserted(fleet(), cluster(), host(), other_host())
