"""An older database gives itself away by the marks: each sign alone, and what is no sign."""

import msgspec
import pytest

from tests.parts import (
    FLEET,
    KEY,
    MARK,
    NOW,
    VM,
    copy_elsewhere,
    held,
    operation,
)
from tests.worlds import World, but, copy_of, ghost, lookalike, marked, orphan, owned, together
from vmuster.model.automation import Quarantine
from vmuster.model.host import Fleet
from vmuster.model.mark import RawMark
from vmuster.model.plan import TooNew
from vmuster.model.states import Completeness, DesiredState, Drift, MarkVerdict, OperationKind
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.too_new import evidence, quarantined

UNHEARD = frozenset({VM})
NEW_MARK = msgspec.structs.replace(MARK, generation="2")


def signed_anew(world: World, generation: int = 2) -> World:
    """The VM bears another mark of ours than was seen on it before."""
    return but(world, mark={"generation": generation}, seen={"mark": NEW_MARK})


def first_seen(world: World) -> World:
    return but(world, here=None)


SIGNS = {
    "its mark bears a number that our database has never given": [
        but(signed_anew(owned()), record={"mark_generation": 2}, high_water=1),
        but(first_seen(owned()), high_water=0),
        but(first_seen(orphan()), high_water=0),
    ],
    "its mark is newer than our record of it": [
        signed_anew(owned()),
        signed_anew(ghost()),
        first_seen(but(ghost(), mark={"generation": 2})),
    ],
    "it bears our mark, and neither a record nor the journal knows it": [
        but(first_seen(orphan()), unheard_of=UNHEARD),
        but(orphan(), unheard_of=UNHEARD, seen={"mark": NEW_MARK}),
        but(signed_anew(orphan()), unheard_of=UNHEARD, trusted=1),
    ],
}
NONE = {
    "all is as recorded": owned(),
    "a deleted VM came back": ghost(),
    "the highest number ever given": but(first_seen(owned()), high_water=1),
    "a mark below the record's": but(first_seen(owned()), record={"mark_generation": 5}),
    "an orphan that the journal knows": first_seen(orphan()),
    "an orphan of a time that was given up": but(
        first_seen(orphan()), unheard_of=UNHEARD, trusted=1
    ),
    "one signed anew in a time that was given up": but(signed_anew(owned()), trusted=2),
    "a stranger": but(lookalike(), unheard_of=UNHEARD),
    "a mark that was seen here before": but(owned(), mark={"generation": 2}),
    "an orphan that was seen here before": but(orphan(), unheard_of=UNHEARD),
    "an orphan that was seen elsewhere before": but(
        first_seen(orphan()), unheard_of=UNHEARD, elsewhere=(copy_elsewhere(),)
    ),
    "a number that was seen here before": but(owned(), high_water=0),
    **{
        f"a mark that is {verdict}": but(
            first_seen(marked(verdict)), mark={"generation": 99}, unheard_of=UNHEARD, high_water=0
        )
        for verdict in MarkVerdict
        if verdict is not MarkVerdict.OURS
    },
    "nothing was seen": but(owned(), seen=None, mark={"generation": 99}),
}


@pytest.mark.parametrize(
    ("why", "world"), [(why, world) for why, worlds in SIGNS.items() for world in worlds]
)
def test_each_sign_is_enough(why: str, world: World) -> None:
    (found,) = evidence([world.pair], world.recorded)
    assert (found.vm, found.why) == (VM, why)
    assert found.generation == world.mark.generation
    plan = world.plan()
    assert (plan.too_new, plan.newest) == ((found,), found.generation)


@pytest.mark.parametrize("name", NONE)
def test_anything_else_is_none(name: str) -> None:
    world = NONE[name]
    assert evidence([world.pair], world.recorded) == ()
    assert (world.plan().too_new, world.plan().newest) == ((), 0)


def test_a_changed_copy_elsewhere_does_not_excuse_a_new_mark() -> None:
    other = copy_elsewhere(raw_mark=RawMark(vm=str(VM)))
    world = but(first_seen(orphan()), unheard_of=UNHEARD, elsewhere=(other,))
    assert len(evidence([world.pair], world.recorded)) == 1


def test_one_sign_keeps_every_command_of_the_pass_back() -> None:
    """On the loosest policy: a stop of a ghost, an enforced stop, and a person's request."""
    enforced = but(copy_of(owned(), 3), record={"desired": DesiredState.STOPPED})
    asked = but(copy_of(owned(), 4), operation=operation(OperationKind.STOP))
    usual = (copy_of(ghost(), 2), enforced, asked)
    policy = msgspec.structs.replace(ghost().policy, drift=Drift.ENFORCE)
    recorded, report = together(*usual)
    assert len(reconcile(recorded, report, policy, NOW).commands) == 3
    recorded, report = together(*usual, signed_anew(copy_of(owned(), 5)))
    plan = reconcile(recorded, report, policy, NOW)
    assert [found.vm.int for found in plan.too_new] == [5]
    assert plan.commands == plan.held_commands == plan.violations == ()
    assert not any(d.operation for d in plan.decisions), "what was asked for stays asked for"


def test_what_is_kept_back_says_by_which_evidence() -> None:
    policy = {"drift": Drift.ENFORCE}
    world = but(first_seen(owned()), record={"desired": DesiredState.STOPPED}, policy=policy)
    said = but(world, high_water=0).decision().why
    assert said.endswith(
        "nothing follows: the fleet is in quarantine: its database is older than its hosts"
        f" (i-2-78-VM ({VM}): its mark bears a number that our database has never given)"
    )


def test_observation_goes_on_and_a_held_plan_stays_as_it_was() -> None:
    hold = held([OperationKind.STOP])
    plan = but(signed_anew(owned()), hold=hold, completeness=Completeness.COMPLETE).plan()
    assert plan.hold_after == hold
    assert [seen.raw_mark for seen in plan.sightings] == [NEW_MARK]


def fleet(**changes: object) -> Fleet:
    founded = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={})
    return msgspec.structs.replace(founded, **changes)


def test_a_fleet_goes_into_quarantine_for_what_was_seen() -> None:
    after = quarantined(fleet(), ["a", "b"], 7, NOW).quarantine
    assert after == Quarantine(since=NOW, evidence=("a", "b"), highest=7)
    lost = quarantined(fleet(), ["a"], 0, NOW).quarantine
    assert lost is not None
    assert lost.highest == 0


def test_what_a_quarantine_says_already_changes_nothing() -> None:
    before = quarantined(fleet(), ["a"], 7, NOW)
    assert quarantined(before, ["a"], 6, NOW + 9) is before


def test_a_quarantine_grows_up_to_what_a_person_reads() -> None:
    before = quarantined(fleet(), ["a"], 7, NOW)
    after = quarantined(before, [str(n) for n in range(9)], 6, NOW + 9).quarantine
    assert after == Quarantine(since=NOW, evidence=("a", "0", "1", "2", "3"), highest=7)
    higher = quarantined(before, [], 8, NOW).quarantine
    assert higher is not None
    assert higher.highest == 8


def test_the_words_of_the_evidence_stay_one_line() -> None:
    found = TooNew(vm=VM, name="a\nb", generation=1, why="why")
    assert "\n" not in found.words
