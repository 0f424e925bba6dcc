"""What hands do to the true world, and what a driver shows of it."""

import msgspec
import pytest

from vmuster.model.states import PowerState
from vmuster.sim.exhaustive.setting import MARK, OURS, STRANGER
from vmuster.sim.exhaustive.truth import (
    ENDED,
    HANDS,
    LEFT,
    NOWHERE,
    ON,
    SAVED,
    UNEXPLAINED,
    ActedOn,
    Alias,
    Domain,
    Place,
    Truth,
    beginning,
    handled,
    live,
    meddled,
    observed,
    placed,
    powered,
    revived,
)

START = beginning(ActedOn.OURS)
OFF = powered(START, 0, ENDED)
FORGOTTEN = Place(domain=Domain(power=UNEXPLAINED, marked=True), process=True)
TWICE = placed(START, 1, START.places[0])


def by_hand(words: str, truth: Truth, host: int = 0) -> Truth | None:
    """What the one hand does whose words begin like this."""
    (hand,) = (hand for said, hand in HANDS.items() if said.startswith(words))
    return hand(truth, host)


@pytest.mark.parametrize(
    ("words", "truth", "after"),
    [
        ("a hand starts", OFF, (START.places[0], NOWHERE)),
        ("a hand starts", START, None),
        ("a hand starts", placed(START, 0, NOWHERE), None),
        ("a hand stops", START, (OFF.places[0], NOWHERE)),
        ("a hand stops", OFF, None),
        ("a hand kills", placed(START, 0, Place(process=True)), (NOWHERE, NOWHERE)),
        ("a hand kills", START, None),
        ("our VM is moved from host {host} to", START, (NOWHERE, START.places[0])),
        ("our VM is moved from host {host} to", OFF, None),
        ("our VM is moved from host {host} to", TWICE, None),
        (
            "our VM is moved from host {host}, which",
            START,
            (Place(domain=Domain(power=LEFT, marked=True)), START.places[0]),
        ),
        ("our VM is moved from host {host}, which", placed(START, 0, NOWHERE), None),
        (
            "the definition",
            START,
            (START.places[0], Place(domain=Domain(power=UNEXPLAINED, marked=True))),
        ),
        ("the definition", TWICE, None),
        ("a hand undefines", OFF, (NOWHERE, NOWHERE)),
        ("a hand undefines", START, None),
        ("the daemon of host {host} forgets that", START, (FORGOTTEN, NOWHERE)),
        ("the daemon of host {host} forgets that", OFF, None),
        ("the daemon of host {host} forgets our", START, (Place(process=True), NOWHERE)),
        ("the daemon of host {host} forgets our", OFF, None),
        ("our VM on host {host} is defined anew", placed(START, 0, NOWHERE), None),
    ],
)
def test_what_a_hand_does(words: str, truth: Truth, after: tuple[Place, Place] | None) -> None:
    done = by_hand(words, truth)
    assert (None if done is None else done.places) == after


def test_a_mark_is_lost_once() -> None:
    bare = by_hand("our VM on host {host} is defined anew", START)
    assert bare is not None
    assert observed(bare, 0)[0].mark is None
    assert by_hand("our VM on host {host} is defined anew", bare) is None


def test_through_a_dead_daemon_no_hand_works_and_a_guest_may_end() -> None:
    dead = by_hand("the daemon of host {host} dies", START)
    assert dead is not None
    assert dead.down == (True, False)
    assert by_hand("the daemon of host {host} dies", dead) is None
    on_a = [words for words, _ in handled(dead, ActedOn.OURS) if "host a" in words]
    assert on_a == ["a hand stops our VM on host a"]


@pytest.mark.parametrize("power", [ENDED, LEFT])
def test_a_daemon_that_comes_back_forgot_why_vms_stopped(
    power: tuple[PowerState, object],
) -> None:
    stopped = placed(START, 1, Place(domain=Domain(power=power, marked=True)))  # pyright: ignore[reportArgumentType]
    dead = msgspec.structs.replace(stopped, down=(False, True))
    back = revived(dead, 1)
    assert back.down == (False, False)
    assert back.places[1].domain == Domain(power=UNEXPLAINED, marked=True)
    assert revived(msgspec.structs.replace(START, stranger=ENDED), 0).stranger == UNEXPLAINED
    assert revived(msgspec.structs.replace(START, stranger=SAVED), 0).stranger == SAVED


def test_what_the_daemon_lost_and_a_process_holds_is_of_unknown_power() -> None:
    (ours, _) = observed(placed(START, 0, FORGOTTEN), 0)
    assert ours.power is PowerState.UNKNOWN
    (off, _) = observed(powered(START, 0, UNEXPLAINED), 0)
    assert off.power is PowerState.STOPPED


@pytest.mark.parametrize(
    ("alias", "name", "mark"),
    [
        (Alias.LOOKALIKE, "i-9-99-VM", None),
        (Alias.ALIEN, "web-01", None),
        (Alias.CLONE, "i-9-99-VM", MARK),
    ],
)
def test_the_stranger_is_seen_as_it_presents_itself(alias: Alias, name: str, mark: object) -> None:
    truth = msgspec.structs.replace(START, alias=alias)
    (_, stranger) = observed(truth, 0)
    assert (stranger.uuid, stranger.name, stranger.mark) == (STRANGER, name, mark)
    assert observed(truth, 1) == ()


def test_the_stranger_is_started_stopped_renamed_and_marked_by_hand() -> None:
    lookalike = beginning(ActedOn.STRANGER)
    stopped = msgspec.structs.replace(lookalike, stranger=ENDED)
    assert {after.alias for _, after in meddled(lookalike)} == {Alias.LOOKALIKE, Alias.CLONE}
    assert {after.alias for _, after in meddled(stopped)} == {*Alias}
    assert [after.stranger for _, after in meddled(START)] == [ENDED]


def test_hands_are_laid_on_one_vm_only() -> None:
    ours = {after.places for _, after in handled(START, ActedOn.STRANGER)}
    assert ours == {START.places}
    strangers = {after.stranger for _, after in handled(START, ActedOn.OURS)}
    assert strangers == {START.stranger}


def test_a_live_vm_is_what_its_driver_shows() -> None:
    (ours, _) = observed(START, 0)
    now = live(ours)
    assert (now.uuid, now.mark, now.stored_mark, now.run) == (OURS, MARK, MARK, "run")
    assert live(observed(OFF, 0)[0]).run == ""
    saved = msgspec.structs.replace(START, stranger=SAVED)
    assert live(observed(saved, 0)[1]).saved
    assert saved.running == (True, False)
    assert START.stranger == ON
