"""The one line of a decision: what it is, on what evidence, what follows; whatever names say."""

from uuid import UUID

import msgspec
import pytest

from tests.parts import copy_elsewhere, operation, record
from tests.worlds import World, alien, but, duplicate, ghost, lookalike, marked, orphan, owned
from vmuster.model.states import HostMode, MarkVerdict, OperationKind, OperationState

HOSTILE = [
    "x\nWARN all VMs were stopped",
    "\x1b[2J",
    "a\u202ebelow",
    "\r\n\x00",
    "\u2028",
    "\ud800",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("world", [alien(), marked(MarkVerdict.FOREIGN), duplicate(), orphan()])
def test_no_name_breaks_the_line(world: World, name: str) -> None:
    why = but(world, seen={"name": name}).decision().why
    assert why.isprintable()
    assert name not in why


@pytest.mark.parametrize("said", HOSTILE)
def test_no_agent_breaks_the_line(said: str) -> None:
    late = operation(
        OperationKind.STOP, deadline_at=0.0, message=said, state=OperationState.RUNNING
    )
    assert but(owned(), operation=late).decision().why.isprintable()


def test_the_words_of_the_originals_log_are_kept() -> None:
    why = alien().decision().why
    assert why.startswith("found an alien VM: Windows 7 (32-bit) (1)")
    assert why.endswith("it is left alone")


@pytest.mark.parametrize(
    ("world", "words"),
    [
        (alien(), "rule 12"),
        (lookalike(), "rule 11"),
        (orphan(), "adopt it to bring it back"),
        (marked(MarkVerdict.FOREIGN), "managed by fleet another"),
        (marked(MarkVerdict.COPIED), "adopt it to make it a VM of its own"),
        (marked(MarkVerdict.FORGED), "adopt it to sign it anew"),
        (duplicate(), "also seen on other"),
        (duplicate(), "frozen until one of the two is gone"),
        (ghost(), "stop_vm follows"),
        (but(ghost(), host={"mode": HostMode.OBSERVE}), "nothing follows: nothing is done auto"),
        (but(ghost(), policy={"stops_per_pass_max": 0}), "stop_vm withheld: 1 automatic stop "),
        (but(ghost(), orphans=1), "nothing follows: VMs with our mark and no record"),
    ],
)
def test_a_decision_says_its_evidence_and_what_follows(world: World, words: str) -> None:
    assert words in world.decision().why


def test_the_whole_line() -> None:
    assert duplicate().decision().why == (
        "found one of our VMs active on two hosts: i-2-78-VM; rule 5: ours, and active on two"
        " hosts; also seen on other; both are frozen until one of the two is gone"
    )
    assert ghost().decision().why == (
        "found a VM that we deleted: i-2-78-VM; rule 8: a VM that we deleted, with the mark it had"
        " then; stop_vm follows"
    )
    withheld = but(ghost(), idle="the fleet is disarmed").decision().why
    assert withheld.endswith("it had then; nothing follows: the fleet is disarmed")


def test_a_lookalike_says_which_record_its_name_points_to() -> None:
    namesake = record(uuid=UUID(int=0x42))
    why = but(lookalike(), named=namesake).decision().why
    assert f"our record of that name is another VM, {UUID(int=0x42)}" in why
    assert "another VM" not in but(owned(), named=record()).decision().why


def test_a_lookalike_says_which_record_its_number_points_to() -> None:
    other = record(uuid=UUID(int=0x42), name="i-9-78-VM")
    why = but(lookalike(), named=other).decision().why
    assert f"the number in its name is that of our i-9-78-VM, {UUID(int=0x42)}" in why


def test_a_copy_is_named_by_its_host() -> None:
    twice = (copy_elsewhere(), msgspec.structs.replace(copy_elsewhere(), host="another"))
    assert "also seen on another, other" in but(duplicate(), elsewhere=twice).decision().why
