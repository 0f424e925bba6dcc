"""L12's checker: before a deed its command and its reason are durable."""

import msgspec
import pytest

from tests.lawbench import Bench, entry, mark, stop
from tests.parts import VM
from vmuster.model.commands import OutboxCommand
from vmuster.model.journal import EntryKind
from vmuster.sim.laws.audit import Audit

STOP = stop()


def outgoing() -> OutboxCommand:
    return OutboxCommand(id=STOP.id, host=STOP.host, vm=VM, command=STOP, created_at=0.0)


def test_a_deed_after_its_reason_is_right_with_any_time_left() -> None:
    bench = Bench(Audit)
    bench.order(STOP)
    bench.act("shutdown", msgspec.structs.replace(STOP, valid_seconds=1.0))
    bench.act("shutdown", None)  # that is for L1
    assert bench.broken == []


def test_a_request_is_a_reason_too() -> None:
    bench = Bench(Audit)
    asked = mark()
    sent = OutboxCommand(id=asked.id, host=asked.host, vm=VM, command=asked, created_at=0.0)
    said = entry(asked, kind=EntryKind.REQUEST, rule="", evidence={})
    bench.write(sent, entries=(said,))
    bench.act("mark", asked)
    assert bench.broken == []


def test_a_command_that_was_never_in_the_outbox_is_wrong() -> None:
    bench = Bench(Audit)
    bench.write(entries=(entry(STOP),))
    bench.act("shutdown", STOP)
    assert bench.broken == [f"shutdown of {VM} on home: its command was never in the outbox"]


def test_a_command_that_is_not_the_one_in_the_outbox_is_wrong() -> None:
    bench = Bench(Audit)
    bench.order(STOP)
    bench.act("shutdown", msgspec.structs.replace(STOP, grace_seconds=0.0))
    assert "not the one" in bench.broken[0]


def test_a_command_of_which_the_journal_says_nothing_is_wrong() -> None:
    bench = Bench(Audit)
    bench.write(outgoing())
    bench.act("shutdown", STOP)
    assert "no entry" in bench.broken[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": EntryKind.RESULT}, "only afterwards"),
        ({"actor": "bert"}, "somebody else"),
        ({"vm": None}, "another VM"),
        ({"rule": ""}, "no rule"),
        ({"evidence": {}}, "no evidence"),
    ],
)
def test_an_entry_that_lacks_something_is_wrong(changes: dict[str, object], words: str) -> None:
    bench = Bench(Audit)
    bench.write(outgoing(), entries=(entry(STOP, **changes),))
    bench.act("shutdown", STOP)
    assert len(bench.broken) == 1
    assert words in bench.broken[0]
