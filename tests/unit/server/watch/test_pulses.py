"""How long ago a host gave each sign: by the monotonic clock, and each sign by itself."""

from collections.abc import Callable

import pytest

from tests.clocks import HandClock
from tests.parts import HOST, OTHER
from vmuster.model.messages import Heartbeat
from vmuster.reconcile.silence import Signs
from vmuster.server.watch.pulses import Pulses

SIGNS = ("heard", "answered", "alive", "reported")


def beat(*, answers: bool, alive: bool | None = None) -> Callable[[Pulses], None]:
    said = Heartbeat(host=HOST, answers=answers, alive=alive)
    return lambda pulses: pulses.beat(said, "" if answers else "hung")


def sign_of(name: str) -> Callable[[Pulses], None]:
    """One of the signs that have no words."""

    def give(pulses: Pulses) -> None:
        getattr(pulses, name)(HOST)

    return give


def troubled(pulses: Pulses) -> None:
    pulses.troubled(HOST, "hung")


@pytest.mark.parametrize(
    ("sign", "fresh", "why"),
    [
        (sign_of("heard"), "heard", ""),
        (sign_of("reached"), "answered", ""),
        (sign_of("reported"), "reported", ""),
        (beat(answers=True), "answered", ""),
        (beat(answers=False, alive=True), "alive", "hung"),
        (beat(answers=False, alive=False), "", "hung"),
        (beat(answers=False), "", "hung"),
        (troubled, "", "hung"),
    ],
)
def test_each_sign_is_fresh_by_itself(sign: Callable[[Pulses], None], fresh: str, why: str) -> None:
    clock = HandClock()
    pulses = Pulses(clock)
    pulses.signs(HOST)
    clock.pass_by(50)
    clock.set_by(-1e6)
    sign(pulses)
    clock.pass_by(7)
    ages = {name: 7.0 if name == fresh else 57.0 for name in SIGNS}
    assert pulses.signs(HOST) == Signs(**ages, watched=57.0, why=why)
    assert pulses.signs(OTHER).heard == 0, "watched from now on"


def test_words_of_a_trouble_end_with_a_report() -> None:
    pulses = Pulses(HandClock())
    pulses.troubled(HOST, "no answer")
    beat(answers=True)(pulses)
    assert pulses.signs(HOST).why == "no answer", "an answer is no account"
    pulses.reported(HOST)
    assert pulses.signs(HOST).why == ""


def test_only_a_whole_account_is_whole_and_a_doubt_takes_all_back() -> None:
    pulses = Pulses(HandClock())
    said = [(pulses.told(HOST), pulses.whole(HOST))]
    for whole in (False, True, False):
        pulses.reported(HOST, whole=whole)
        said.append((pulses.told(HOST), pulses.whole(HOST)))
    pulses.doubt()
    said.append((pulses.told(HOST), pulses.whole(HOST)))
    assert said == [(False, False), (True, False), (True, True), (True, True), (False, False)]


def test_a_heartbeat_without_words_leaves_those_that_are_known() -> None:
    pulses = Pulses(HandClock())
    pulses.troubled(HOST, "no route to host")
    pulses.beat(Heartbeat(host=HOST, answers=False), "")
    assert pulses.signs(HOST).why == "no route to host"


def test_a_host_that_is_gone_is_forgotten() -> None:
    clock = HandClock()
    pulses = Pulses(clock)
    pulses.heard(HOST)
    pulses.heard(OTHER)
    clock.pass_by(5)
    pulses.keep({OTHER})
    assert pulses.signs(HOST).watched == 0
    assert pulses.signs(OTHER).watched == 5


def test_while_nobody_listened_nobody_was_silent() -> None:
    clock = HandClock()
    pulses = Pulses(clock)
    pulses.heard(HOST)
    clock.pass_by(60)
    pulses.heard(OTHER)
    clock.pass_by(360)
    pulses.stood_still(360)
    assert pulses.signs(HOST) == Signs(heard=60, answered=60, alive=60, reported=60, watched=60)
    pulses.heard(HOST)
    pulses.stood_still(100)
    assert pulses.signs(HOST).heard == 0, "no sign is of a moment to come"


def test_a_report_of_this_watch_is_remembered_and_no_other_sign_is_one() -> None:
    pulses = Pulses(HandClock())
    for sign in (sign_of("heard"), sign_of("reached"), beat(answers=True), troubled):
        sign(pulses)
    assert not pulses.told(HOST)
    pulses.reported(HOST)
    assert (pulses.told(HOST), pulses.told(OTHER)) == (True, False)
    pulses.keep({OTHER})
    assert not pulses.told(HOST)
