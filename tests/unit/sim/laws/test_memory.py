"""L9's checker: what a restored database must notice, and what is never acted on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.lawbench import Bench, mark, start, stop, unmark
from tests.parts import HOST, MARK, VM, observation, operation, record
from vmuster.model.automation import Quarantine
from vmuster.model.commands import Command, OutboxCommand
from vmuster.model.host import Fleet, Host, HostFacts
from vmuster.model.ids import CommandId, HostUuid
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.messages import Hello, Reported
from vmuster.model.states import OperationKind, OperationState, ProofKind
from vmuster.sim.laws.memory import Memory
from vmuster.sim.world.truth import Looked

DOUBT = Quarantine(since=0.0, evidence=("a mark",), highest=9)
ORDER = mark(9)
NEWER = write_mark(ORDER.mark)


def restored(**known: object) -> Bench:
    """A mark was ordered after the copy was made that is the database now."""
    bench = Bench(Memory)
    bench.write(record(**known))
    return restore(bench, lambda: bench.order(ORDER))


def restore(bench: Bench, since: Callable[[], object]) -> Bench:
    """What is done since is forgotten."""
    bench.world.database.back_up("monday")
    since()
    bench.world.database.restore("monday")
    bench.world.chronicle.restored(bench.world.database.every(Host))
    return bench


def quarantine(bench: Bench, doubt: Quarantine | None = DOUBT, **changes: object) -> None:
    fleet = bench.world.database.row(Fleet)
    assert fleet is not None
    bench.write(msgspec.structs.replace(fleet, quarantine=doubt, **changes))


def greet(
    bench: Bench,
    epoch: int,
    uuid: HostUuid | None = None,
    intake: int = 50,
    commands: tuple[CommandId, ...] = (),
) -> None:
    """An agent that remembers this epoch is heard, and is welcomed."""
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    facts = HostFacts(
        uuid=uuid or bench.world.hosts[HOST].uuid,
        boot_id="boot-1",
        hypervisor="simulated",
        version="1",
        hostname=HOST,
    )
    hello = Hello(host=HOST, facts=facts, epoch=epoch, intake=intake, commands=commands)
    bench.world.chronicle.heard(HOST, hello)
    bench.write(msgspec.structs.replace(row, epoch=max(epoch, row.epoch) + 1))


def report(bench: Bench, **seen: object) -> Looked:
    look = bench.look(observation(**({"mark": NEWER} | seen)))
    bench.world.chronicle.heard(HOST, Reported(report=look.report))
    return look


def test_an_agent_that_remembers_more_must_be_heeded() -> None:
    bench = restored()
    greet(bench, 5)
    assert bench.broken == [
        "the database is an older one, and nobody notices: home was told epoch 5, not 1"
    ]


def test_a_mark_that_is_newer_must_be_heeded() -> None:
    bench = restored()
    bench.take(report(bench))
    assert bench.broken == [f"the database is an older one, and nobody notices: {VM} bears mark 9"]


def test_in_quarantine_it_is_heeded() -> None:
    bench = restored()
    quarantine(bench)
    greet(bench, 5)
    look = report(bench)
    bench.take(look)
    assert bench.broken == []


def test_without_a_restoration_nothing_is_evidence() -> None:
    bench = Bench(Memory)
    bench.truth.written[VM].add(NEWER)
    bench.write(record())
    greet(bench, 5)
    assert bench.broken == []


def test_an_agent_that_remembers_no_more_shows_nothing() -> None:
    bench = restored()
    greet(bench, 1)
    greet(bench, 7, uuid=HostUuid(UUID(int=9)))  # another machine: it is refused
    assert bench.broken == []


@pytest.mark.parametrize("seen", [{"mark": MARK}, {"mark": None}])
def test_a_mark_that_is_known_shows_nothing(seen: dict[str, object]) -> None:
    bench = restored()
    bench.take(report(bench, **seen))
    assert bench.broken == []


@pytest.mark.parametrize("known", [{"removed_at": 1.0}, {"mark_generation": 50}])
def test_whatever_record_the_vm_has_its_mark_is_evidence(known: dict[str, object]) -> None:
    bench = restored(**known)
    bench.take(report(bench))
    assert bench.broken == [f"the database is an older one, and nobody notices: {VM} bears mark 9"]


def test_a_vm_without_a_record_bears_evidence_too() -> None:
    bench = restore(Bench(Memory), lambda: None)
    bench = restore(bench, lambda: bench.order(ORDER))
    bench.take(report(bench))
    assert len(bench.broken) == 1


def test_a_mark_that_was_ordered_before_the_copy_was_made_is_no_evidence() -> None:
    bench = Bench(Memory)
    bench.write(record())
    bench.order(ORDER)
    bench.write(dropped=(order_of(bench),))  # rows of long ago are dropped
    bench = restore(bench, lambda: None)
    bench.take(report(bench))
    assert bench.broken == []


def order_of(bench: Bench) -> OutboxCommand:
    row = bench.world.database.row(OutboxCommand, ORDER.id)
    assert row is not None
    return row


def test_a_command_that_an_agent_has_begun_must_be_heeded() -> None:
    bench = restored()
    greet(bench, 1, commands=(ORDER.id,))
    assert bench.broken == [
        "the database is an older one, and nobody notices: home has begun 1 commands that it forgot"
    ]


def test_what_is_of_the_time_before_a_quarantine_was_left_is_no_evidence() -> None:
    bench = restored()
    quarantine(bench, None, trusted=1000)
    greet(bench, 5)
    bench.take(report(bench))
    assert bench.broken == []


def test_a_quarantine_that_was_left_is_over() -> None:
    bench = restored()
    quarantine(bench)
    quarantine(bench, None)
    greet(bench, 5)
    assert bench.broken == []


@pytest.mark.parametrize("command", [stop(), start(), mark(), unmark()], ids=repr)
def test_nothing_that_was_ordered_in_quarantine_is_done(command: Command) -> None:
    bench = Bench(Memory)
    bench.write(record())
    bench.order(command)
    bench.act("any", command)
    assert bench.broken == []
    quarantine(bench)
    later = msgspec.structs.replace(command, id=stop(number=9).id)
    bench.issue(later)
    bench.act("any", later)
    assert bench.broken == [f"any of {VM} on home: ordered while the fleet was in quarantine"]


@pytest.mark.parametrize("known", ["no record", "a tombstone"])
def test_a_start_needs_a_live_record(known: str) -> None:
    bench = Bench(Memory)
    bench.write(record(removed_at=1.0))
    if known == "no record":
        bench.write(dropped=(record(removed_at=1.0),))
    bench.order(start())
    bench.act("start", start())
    assert bench.broken == [f"start of {VM} on home: it is started, and no live record knows it"]


@pytest.mark.parametrize(
    ("command", "times"),
    [(stop(), 1), (stop(ProofKind.MARK), 1), (unmark(), 1), (stop(ProofKind.NAME), 0), (mark(), 0)],
    ids=["stop", "stop by mark", "unmark", "stop by name", "mark"],
)
def test_what_the_database_never_knew_is_left_alone(command: Command, times: int) -> None:
    bench = Bench(Memory)
    bench.order(command)
    bench.act("any", command)
    assert bench.broken == [f"any of {VM} on home: the database never knew it"] * times


def test_a_command_that_was_never_durable_is_for_others() -> None:
    bench = Bench(Memory)
    bench.act("start", start())
    bench.act("start", None)
    assert bench.broken == []


@pytest.mark.parametrize(
    ("mark", "state", "times"),
    [
        (NEWER, OperationState.DONE, 1),
        (NEWER, OperationState.FAILED, 0),
        (None, OperationState.DONE, 0),
    ],
)
def test_a_vm_is_let_go_without_our_mark(
    mark: RawMark | None, state: OperationState, times: int
) -> None:
    bench = Bench(Memory)
    bench.truth.written[VM].add(NEWER)
    bench.take(bench.look(observation(mark=mark)))
    bench.write(operation(OperationKind.RELEASE, state=state))
    assert len(bench.broken) == times


@pytest.mark.parametrize(
    ("looks", "times"),
    [
        ({"complete": True}, 0),
        ({"complete": False, "absent": (VM,)}, 0),
        ({"complete": False}, 1),
    ],
)
def test_what_was_not_shown_any_more_may_be_let_go(looks: dict[str, Any], times: int) -> None:
    bench = Bench(Memory)
    bench.truth.written[VM].add(NEWER)
    bench.take(bench.look(observation(mark=NEWER)))
    bench.take(bench.look(sequence=2, **looks))
    bench.write(operation(OperationKind.RELEASE, state=OperationState.DONE))
    assert len(bench.broken) == times


def test_a_stop_lets_nothing_go() -> None:
    bench = Bench(Memory)
    bench.truth.written[VM].add(NEWER)
    bench.take(bench.look(observation(mark=NEWER)))
    bench.write(operation(OperationKind.STOP, state=OperationState.DONE))
    assert bench.broken == []
