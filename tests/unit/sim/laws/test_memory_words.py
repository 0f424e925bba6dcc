"""L9's checker: what is sent in a quarantine, and a VM that nobody wants forgotten."""

import msgspec
import pytest

from tests.lawbench import NOBODY, SERVER, Bench, stop
from tests.moments import settings
from tests.parts import HOST, OTHER, VM, operation, record
from vmuster.model.automation import Quarantine
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.commands import Command
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import HostId
from vmuster.model.messages import Orders, Welcome
from vmuster.model.states import OperationKind, OperationState
from vmuster.model.vm import VmRecord
from vmuster.sim.laws.memory import Memory
from vmuster.sim.world.decided import Asking
from vmuster.sim.world.truth import Committed

DOUBT = Quarantine(since=0.0, evidence=("a mark",), highest=9)
FORGOTTEN = f"{VM} is forgotten, and nobody has asked for it"
RELEASED = operation(OperationKind.RELEASE, state=OperationState.DONE)


def quarantine(bench: Bench, doubt: Quarantine | None = DOUBT) -> None:
    fleet = bench.world.database.row(Fleet)
    assert fleet is not None
    bench.write(msgspec.structs.replace(fleet, quarantine=doubt))


def connect(bench: Bench, epoch: int, *commands: Command) -> None:
    """An agent is welcomed, durably, and is given these orders."""
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    bench.write(msgspec.structs.replace(row, epoch=epoch))
    bench.world.chronicle.told(HOST, Welcome(epoch=epoch, settings=settings(), intake=1))
    give(bench, *commands)


def give(bench: Bench, *commands: Command) -> None:
    bench.world.chronicle.told(HOST, Orders(commands=commands, intake=1))


def test_an_old_outbox_is_sent_to_nobody_in_quarantine() -> None:
    bench = Bench(Memory)
    bench.write(record())
    bench.order(stop())
    quarantine(bench)
    connect(bench, 2, stop())
    assert bench.broken == []  # until it is carried out
    bench.act("shutdown", stop())
    assert bench.broken == [f"shutdown of {VM} on home: sent while the fleet was in quarantine"]


def test_what_was_on_its_way_when_the_quarantine_began_may_be_done() -> None:
    bench = Bench(Memory)
    bench.write(record())
    bench.order(stop())
    connect(bench, 2)
    quarantine(bench)
    give(bench, stop())
    bench.act("shutdown", stop())
    assert bench.broken == []


def test_what_is_sent_after_a_quarantine_was_left_may_be_done() -> None:
    bench = Bench(Memory)
    bench.write(record())
    bench.order(stop())
    quarantine(bench)
    connect(bench, 2)
    quarantine(bench, None)
    connect(bench, 3)
    quarantine(bench)
    give(bench, stop())
    bench.act("shutdown", stop())
    assert bench.broken == []


@pytest.mark.parametrize("row", [None, record(removed_at=1.0)], ids=["dropped", "a tombstone"])
def test_nothing_is_forgotten_that_nobody_wants_forgotten(row: VmRecord | None) -> None:
    bench = Bench(Memory)
    bench.write(record())
    ends(bench, row)
    assert bench.broken == [FORGOTTEN]


def ends(bench: Bench, row: VmRecord | None, *more: Guarded) -> None:
    """The record of the VM ends, with these other rows; nobody asks for anything."""
    rows = [*([] if row is None else [row]), *more]
    bench.write(*rows, dropped=() if row else (record(),), asking=NOBODY)


@pytest.mark.parametrize(
    ("kind", "state", "times"),
    [
        (OperationKind.RELEASE, OperationState.DONE, 0),
        (OperationKind.RELEASE, OperationState.FAILED, 1),
        (OperationKind.ADOPT, OperationState.FAILED, 0),
        (OperationKind.ADOPT, OperationState.DONE, 1),
        (OperationKind.ADOPT, OperationState.RUNNING, 1),
        (OperationKind.STOP, OperationState.DONE, 1),
    ],
)
def test_a_person_lets_go_by_a_release_or_an_adoption_that_failed(
    kind: OperationKind, state: OperationState, times: int
) -> None:
    bench = Bench(Memory)
    bench.write(record())
    asked = operation(kind, state=state)
    bench.truth.personal.add(asked.id)
    ends(bench, None, asked)
    assert bench.broken == [FORGOTTEN] * times


def test_an_operation_that_nobody_asked_for_lets_nothing_go() -> None:
    bench = Bench(Memory)
    bench.write(record())
    ends(bench, None, RELEASED)
    assert bench.broken == [FORGOTTEN]


@pytest.mark.parametrize(
    ("there", "asked", "times"), [(HOST, True, 0), (HOST, False, 1), (OTHER, True, 1)]
)
def test_a_person_removes_a_host_with_its_vms(there: HostId, asked: bool, times: int) -> None:
    bench = Bench(Memory)
    bench.write(record())
    row = bench.world.database.row(Host, there)
    assert row is not None
    writes = (Write(before=record(), after=None), Write(before=row, after=None))
    asking = Asking(at=0.0, actor="ann", key="k", what="removes it") if asked else None
    changes = Changes(writes=writes)
    commit = Committed(at=0.0, process=SERVER, changes=changes, asking=asking)
    bench.law.committed(commit)
    assert bench.broken == [FORGOTTEN] * times
