"""L1's checker: a valid deed passes, and each flaw is found by the check that is for it."""

from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest

from tests.lawbench import NOBODY, Bench, mark, start, stop, unmark
from tests.parts import CLUSTER, HOST, MARK, OTHER, VM, grant, host, observation, record
from vmuster.model.commands import Command
from vmuster.model.host import Cluster, Host
from vmuster.model.ids import CommandId, VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.policy import Policy
from vmuster.model.states import HostMode, ProofKind, UnknownVms
from vmuster.sim.laws.ours import CHECKS, Ours

SIGNED = "it is signed by somebody, and is automatic"
STRANGE = RawMark(fleet="strange")
THEIRS = msgspec.structs.replace(MARK, fleet=str(UUID(int=0xBAD)), signature="ab" * 64)


def fresh() -> Bench:
    return Bench(Ours)


def owned() -> Bench:
    bench = Bench(Ours)
    bench.write(record())
    return bench


def buried() -> Bench:
    bench = Bench(Ours)
    bench.write(record(removed_at=1.0), allowing(UnknownVms.STOP_BY_MARK))
    return bench


def unknown() -> Bench:
    bench = Bench(Ours)
    bench.write(allowing(UnknownVms.STOP_BY_NAME))
    return bench


def allowing(rung: UnknownVms) -> Cluster:
    return Cluster(name=CLUSTER, policy=Policy(unknown_vms=rung), created_at=0.0, grant=grant())


BY_RECORD, BY_MARK, BY_NAME = stop(), stop(ProofKind.MARK), stop(ProofKind.NAME)
NO_MARK: dict[str, object] = {"mark": None, "stored_mark": None}
VALID: dict[str, tuple[Callable[[], Bench], str, Command, dict[str, object]]] = {
    "a stop by record": (owned, "shutdown", BY_RECORD, {}),
    "its end by force": (owned, "force", BY_RECORD, {}),
    "a start": (owned, "start", start(), {}),
    "a save of a ghost": (buried, "save", BY_MARK, {}),
    "a save by name": (unknown, "save", BY_NAME, NO_MARK),
    "a mark": (fresh, "mark", mark(), NO_MARK),
    "a mark anew": (owned, "mark", mark(replaces=MARK), {}),
    "an unmark": (owned, "unmark", unmark(), {}),
}


@pytest.mark.parametrize("name", VALID)
def test_a_valid_deed_breaks_nothing(name: str) -> None:
    make, what, command, changes = VALID[name]
    bench = make()
    bench.order(command)
    bench.act(what, command, **changes)
    assert bench.broken == []


def _in(mode: HostMode) -> Callable[[Bench], None]:
    def put(bench: Bench) -> None:
        row = bench.world.database.row(Host, HOST)
        assert row is not None
        bench.write(msgspec.structs.replace(row, mode=mode))

    return put


def _on_two(bench: Bench) -> None:
    bench.at(10.0)
    bench.runs(HOST)
    bench.runs(OTHER)
    bench.at(20.0)
    bench.take(bench.look(observation(), machine=OTHER))
    bench.at(30.0)


def _another_host(bench: Bench) -> None:
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    other = bench.world.hosts[OTHER].uuid
    free = msgspec.structs.replace(host(), id=OTHER, name=OTHER, uuid=None)
    bench.write(free, msgspec.structs.replace(row, uuid=other))


Flaw = tuple[str, Callable[[Bench], None], dict[str, object], dict[str, object]]
"""Which valid deed; how its world differs; how the deed itself does; and how its operation does."""


def _as_ever(bench: Bench) -> None:
    """Nothing is different."""


def _without_grant(bench: Bench) -> None:
    for rung in (UnknownVms.LEAVE, UnknownVms.STOP_BY_NAME):
        bench.write(msgspec.structs.replace(allowing(rung), grant=None))


FLAWS: dict[str, list[Flaw]] = {
    "its command is of another kind": [
        ("a stop by record", _as_ever, {"what": "start"}, {}),
        ("a mark", _as_ever, {"what": "unmark"}, {}),
    ],
    "its command is for another host": [("a stop by record", _another_host, {}, {})],
    "its host's mode did not allow it": [
        ("a stop by record", _in(HostMode.OBSERVE), {}, {}),
        ("a start", _in(HostMode.MAINTENANCE), {}, {}),
        ("a mark", _in(HostMode.MAINTENANCE), {}, {}),
        ("an unmark", _in(HostMode.OBSERVE), {}, {}),
    ],
    "nobody asked for it": [
        ("a start", _as_ever, {}, {"actor": "vmuster"}),
        ("a start", _as_ever, {}, {"actor": "bert"}),
    ],
    "it bears no mark that the product wrote for it": [
        ("a stop by record", _as_ever, {"mark": STRANGE}, {}),
        ("a start", _as_ever, {"mark": None}, {}),
        ("a save of a ghost", _as_ever, {"mark": STRANGE}, {}),
        ("an unmark", _as_ever, {"mark": None}, {}),
    ],
    "no live record said that it lives there": [
        ("a stop by record", lambda b: b.write(record(host=OTHER)), {}, {}),
        ("a start", lambda b: b.write(record(removed_at=1.0)), {}, {}),
    ],
    "it runs on two hosts, and both had been shown": [
        ("a stop by record", _on_two, {}, {}),
        ("an unmark", _on_two, {}, {}),
    ],
    "it has no live record, and is not saved": [
        ("a save of a ghost", _as_ever, {"what": "shutdown"}, {}),
        ("a save by name", _as_ever, {"what": "force"}, {}),
    ],
    "no policy allowed it": [
        ("a save of a ghost", lambda b: b.write(allowing(UnknownVms.LEAVE)), {}, {}),
        ("a save by name", lambda b: b.write(allowing(UnknownVms.STOP_BY_MARK)), {}, {}),
    ],
    "no tombstone stood behind it": [("a save of a ghost", lambda b: b.write(record()), {}, {})],
    "there was a record of it": [("a save by name", lambda b: b.write(record()), {}, {})],
    "it bears a mark": [
        ("a save by name", _as_ever, {"mark": MARK}, {}),
        ("a save by name", _as_ever, {"stored_mark": STRANGE}, {}),
    ],
    "its name is not one of ours": [
        ("a save by name", _as_ever, {"name": "Windows 7 (32-bit) (1)"}, {}),
        ("a save by name", _as_ever, {"name": "i-9-99-OTHER"}, {}),
    ],
    "no person had granted it": [
        (
            "a save by name",
            _without_grant,
            {},
            {},
        )
    ],
    "no person adopts it": [("a mark", _as_ever, {}, {"vm": VmUuid(UUID(int=9))})],
    "it bears another mark than was read": [("a mark", _as_ever, {"mark": STRANGE}, {})],
    "it bears another fleet's mark": [
        ("a mark anew", _as_ever, {"mark": THEIRS}, {}),
    ],
    "no person releases it": [("an unmark", _as_ever, {}, {"vm": VmUuid(UUID(int=9))})],
}


@pytest.mark.parametrize(
    ("broken", "flaw"),
    [(broken, flaw) for broken, flaws in FLAWS.items() for flaw in flaws],
    ids=lambda each: each if isinstance(each, str) else each[0],
)
def test_a_flaw_is_found_by_its_check(broken: str, flaw: Flaw) -> None:
    name, world, changed, asked = flaw
    make, what, command, changes = VALID[name]
    bench = make()
    world(bench)
    bench.order(command, **asked)
    deed = {"what": what} | changes | changed
    bench.act(str(deed.pop("what")), command, **deed)
    assert len(bench.broken) == 1
    assert broken in bench.broken[0].partition(": ")[2].split("; ")


def test_every_check_has_a_flaw() -> None:
    assert {check.broken for check in CHECKS} == {*FLAWS, SIGNED}


def test_what_is_automatic_is_signed_by_nobody() -> None:
    bench = owned()
    command = msgspec.structs.replace(stop(automatic=True), actor="ann")
    bench.order(command, actor="ann")
    bench.act("shutdown", command)
    assert bench.broken == [f"shutdown of {VM} on home: {SIGNED}"]


def test_what_was_decided_of_a_host_holds_although_its_row_has_lost_it() -> None:
    bench = owned()
    was = bench.world.database.row(Host, HOST)
    assert was is not None
    _in(HostMode.OBSERVE)(bench)
    bench.write(msgspec.structs.replace(was, version=was.version + 1), asking=NOBODY)
    bench.order(BY_RECORD)
    bench.act("shutdown", BY_RECORD)
    assert bench.broken == [f"shutdown of {VM} on home: its host's mode did not allow it"]


def test_an_act_without_a_command_of_ours_breaks_the_law() -> None:
    bench = owned()
    bench.act("shutdown", None)
    bench.act("shutdown", BY_RECORD, vm=VmUuid(UUID(int=9)))
    assert [what.partition(": ")[2] for what in bench.broken] == [
        "no command of ours for it was in hand"
    ] * 2


def test_a_command_that_was_never_durable_breaks_the_law() -> None:
    bench = owned()
    bench.order(BY_RECORD)
    made_up = msgspec.structs.replace(BY_RECORD, id=CommandId(UUID(int=5)))
    bench.act("shutdown", made_up)
    assert bench.broken == [f"shutdown of {VM} on home: its command was never durable"]


def test_an_automatic_act_needs_a_host_in_manage_and_no_person() -> None:
    bench = owned()
    command = stop(automatic=True)
    bench.order(command, actor="vmuster")
    bench.act("shutdown", command)
    assert bench.broken == []
    bench = owned()
    _in(HostMode.CORDONED)(bench)
    bench.order(command, actor="vmuster")
    bench.act("shutdown", command)
    assert bench.broken == [f"shutdown of {VM} on home: its host's mode did not allow it"]


def test_a_copy_without_our_mark_freezes_nothing() -> None:
    bench = owned()
    bench.at(10.0)
    bench.runs(HOST)
    bench.runs(OTHER)
    bench.at(20.0)
    bench.take(bench.look(observation(mark=None), machine=OTHER))
    bench.at(30.0)
    bench.order(BY_RECORD)
    bench.act("shutdown", BY_RECORD)
    assert bench.broken == []
