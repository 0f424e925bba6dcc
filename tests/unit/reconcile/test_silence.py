"""What silence makes of a host's health, and how it comes back: every row, and the hysteresis."""

from uuid import UUID

import msgspec
import pytest

from tests.parts import NOW, host
from vmuster.model.host import Host
from vmuster.model.ids import HostUuid
from vmuster.model.policy import Policy
from vmuster.model.states import HostHealth
from vmuster.reconcile.silence import RULES, Signs, hold_seconds, judged, reported, troubled

UP, SUSPECT, UNREACHABLE, FENCED = HostHealth
POLICY = Policy(
    suspect_after_seconds=90,
    unreachable_after_seconds=300,
    steady_seconds=60,
    report_seconds=30,
    heartbeat_seconds=10,
)
GONE, UNHEARD, HUNG, UNANSWERED, MUTE = (rule.words for rule in RULES)


def signs(**ages: object) -> Signs:
    """Signs that are all fresh, but for those named; nothing was ever alive but unanswering."""
    fresh: dict[str, object] = {
        "heard": 0.0,
        "answered": 0.0,
        "alive": 10_000.0,
        "reported": 0.0,
        "watched": 10_000.0,
    }
    return Signs(**(fresh | ages))  # type: ignore[arg-type]  # words → numbers, by the tests


def well(**changes: object) -> Host:
    """A host that is UP, and always was."""
    return msgspec.structs.replace(
        host(), **({"health": UP, "well_since": NOW - 9_000, "health_at": NOW - 9_000} | changes)
    )


def lost(**changes: object) -> Host:
    """A host whose agent told of a trouble."""
    return troubled(well(**changes), NOW - 100)


CASES: dict[str, tuple[Host, dict[str, object], HostHealth, str]] = {
    "all is well": (well(), {}, UP, ""),
    "just before it is suspect": (well(), {"reported": 89, "answered": 89, "heard": 89}, UP, ""),
    "no account": (well(), {"reported": 90}, SUSPECT, MUTE),
    "no answer, with accounts": (well(), {"answered": 90}, SUSPECT, UNANSWERED),
    "no answer": (well(), {"answered": 299, "reported": 299}, SUSPECT, UNANSWERED),
    "hung": (well(), {"answered": 90, "reported": 90, "alive": 0}, SUSPECT, HUNG),
    "hung for a week": (well(), {"answered": 6e5, "reported": 6e5, "alive": 5}, SUSPECT, HUNG),
    "one heartbeat without an answer": (well(), {"answered": 11, "alive": 1}, UP, ""),
    "trouble, and the host lives": (lost(), {"answered": 11, "alive": 1}, SUSPECT, HUNG),
    "an old life": (well(), {"answered": 90, "reported": 90, "alive": 95}, SUSPECT, UNANSWERED),
    "no word": (well(), {"answered": 90, "reported": 90, "heard": 90}, SUSPECT, UNHEARD),
    "no sign of life": (
        well(),
        {"answered": 300, "reported": 300, "alive": 300},
        UNREACHABLE,
        GONE,
    ),
    "no sign of life, after a trouble": (
        lost(),
        {"answered": 300, "reported": 300, "alive": 300, "heard": 300},
        UNREACHABLE,
        GONE,
    ),
    "an agent's word is no sign of life": (
        well(),
        {"answered": 300, "reported": 300, "alive": 300, "heard": 0},
        UNREACHABLE,
        GONE,
    ),
    "fenced": (well(health=FENCED), {"answered": 300, "reported": 300}, FENCED, ""),
    "refused": (
        well(claims=HostUuid(UUID(int=9))),
        {"answered": 299, "reported": 300},
        UP,
        "",
    ),
    "refused, and then silent": (
        lost(claims=HostUuid(UUID(int=9))),
        {"answered": 300, "reported": 300, "heard": 300},
        UNREACHABLE,
        GONE,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_row_of_the_table(case: str) -> None:
    before, ages, health, words = CASES[case]
    after, why = judged(before, signs(**ages), POLICY, NOW)
    assert (after.health, after.trouble) == (health, words)
    if health is not before.health:
        assert after.health_at == NOW
        assert why == f"{before.health} → {health}: {words}"
    else:
        assert why == ("" if words == before.trouble else words)
    if health is not UP:
        assert after.well_since is None or case == "fenced"


def test_every_rule_is_met_by_a_case() -> None:
    assert {words for _, _, _, words in CASES.values()} == {rule.words for rule in RULES} | {""}


def test_what_was_heard_in_place_of_an_account_is_told_with_it_and_once() -> None:
    ages = signs(answered=300, reported=300, alive=300, why="no route to host")
    after, _ = judged(well(), ages, POLICY, NOW)
    assert after.trouble == f"{GONE}: no route to host"
    assert judged(after, ages, POLICY, NOW + 2) == (after, "")
    assert judged(after, msgspec.structs.replace(ages, why="no route"), POLICY, NOW) == (after, "")


def test_a_host_that_never_answered_is_unreachable_in_the_end() -> None:
    new = host()
    assert new.well_since is None
    assert judged(new, signs(answered=80, reported=80, heard=80), POLICY, NOW) == (new, "")
    after, _ = judged(new, signs(answered=300, reported=300, alive=300), POLICY, NOW)
    assert (after.health, after.flaps) == (UNREACHABLE, 0)


def test_a_servers_start_is_no_sign_of_life() -> None:
    gone, _ = judged(well(), signs(answered=300, reported=300, alive=300), POLICY, NOW)
    started = {"watched": 95, "answered": 95, "reported": 95, "alive": 95, "heard": 95}
    assert judged(gone, signs(**started), POLICY, NOW)[0].health is UNREACHABLE
    assert judged(gone, signs(**(started | {"watched": 5})), POLICY, NOW)[0].health is UNREACHABLE
    back, why = judged(gone, signs(**(started | {"answered": 1, "heard": 1})), POLICY, NOW)
    assert back.health is SUSPECT
    assert why.startswith("unreachable → suspect")


def test_signs_of_life_without_an_account_end_what_was_unreachable() -> None:
    gone, _ = judged(well(), signs(answered=300, reported=300, alive=300), POLICY, NOW)
    back, why = judged(gone, signs(heard=1, answered=1, reported=80), POLICY, NOW + 5)
    words = "there are signs of life again, and no account yet"
    assert back == msgspec.structs.replace(gone, health=SUSPECT, health_at=NOW + 5, trouble=words)
    assert why == f"unreachable → suspect: {words}"
    assert judged(back, signs(), POLICY, NOW + 7) == (back, ""), "an account makes it well"
    restarted = signs(watched=50, heard=50, answered=50, alive=50, reported=50)
    assert judged(gone, restarted, POLICY, NOW + 5) == (gone, "")


def test_a_host_that_was_up_and_is_not_known_to_be_well_has_to_show_it() -> None:
    """As in a row that was written before wellness was kept."""
    after, why = judged(well(well_since=None), signs(), POLICY, NOW)
    assert after == well(health=SUSPECT, well_since=None, health_at=NOW, flaps=1)
    assert why == "up → suspect"


def test_a_slow_pace_makes_no_host_suspect() -> None:
    slow = msgspec.structs.replace(POLICY, report_seconds=600.0, heartbeat_seconds=60.0)
    after, _ = judged(well(), signs(reported=1_000, answered=170), slow, NOW)
    assert after.health is UP


def test_the_first_report_of_a_host_that_was_never_lost_makes_it_up() -> None:
    after = reported(host(), POLICY, NOW)
    assert (after.health, after.well_since, after.health_at) == (UP, NOW, NOW)


def test_a_report_of_a_host_that_is_up_changes_nothing() -> None:
    assert reported(well(), POLICY, NOW) == well()


def test_a_host_that_was_lost_is_up_only_after_the_hold() -> None:
    back = reported(lost(), POLICY, NOW)
    assert (back.health, back.flaps, back.well_since) == (SUSPECT, 1, NOW)
    assert reported(back, POLICY, NOW + 59).health is SUSPECT
    assert judged(back, signs(), POLICY, NOW + 59)[0].health is SUSPECT
    assert reported(back, POLICY, NOW + 60).health is UP
    assert judged(back, signs(), POLICY, NOW + 60)[0].health is UP, "no report is needed for that"


def test_the_hold_doubles_with_every_loss_up_to_an_hour() -> None:
    holds = [hold_seconds(well(flaps=flaps), POLICY) for flaps in (0, 1, 2, 3, 7, 100)]
    assert holds == [0, 60, 120, 240, 3600, 3600]
    patient = msgspec.structs.replace(POLICY, steady_seconds=7_200.0)
    assert hold_seconds(well(flaps=3), patient) == 7_200


def test_the_past_is_forgotten_after_ten_holds() -> None:
    flapped = well(flaps=2, health_at=NOW, well_since=NOW)
    assert reported(flapped, POLICY, NOW + 1_199).flaps == 2
    assert reported(flapped, POLICY, NOW + 1_200).flaps == 0


@pytest.mark.parametrize("silent", [False, True], ids=["by trouble", "by silence"])
def test_a_host_that_comes_and_goes_never_comes_up(silent: bool) -> None:
    """F80: up and down every 20 s, for an hour, with looks every 5 s."""
    now, flapping = NOW, well()
    hasty = msgspec.structs.replace(
        POLICY, suspect_after_seconds=15.0, report_seconds=5.0, heartbeat_seconds=5.0
    )
    healths: list[HostHealth] = []
    for second in range(5, 3_600, 5):
        now = NOW + second
        away = second % 20
        if second // 20 % 2:
            flapping = reported(flapping, hasty, now)
        elif silent:
            flapping, _ = judged(flapping, signs(reported=away, answered=away), hasty, now)
        else:
            flapping = troubled(flapping, now)
        healths.append(flapping.health)
    assert UP not in healths[4:]
    assert flapping.flaps == 1
    for second in range(0, 65, 5):
        flapping = reported(flapping, hasty, now + second)
    assert flapping.health is UP


@pytest.mark.parametrize("set_by", [86_400, -86_400])
def test_a_clock_that_was_set_keeps_no_host_from_coming_back(set_by: float) -> None:
    back = reported(lost(), POLICY, NOW)
    later = NOW + set_by
    for second in range(0, 61, 30):
        back = reported(back, POLICY, later + second)
    assert back.health is UP


def test_trouble_takes_the_wellness_and_leaves_what_is_worse() -> None:
    after = troubled(well(), NOW)
    assert (after.health, after.well_since, after.flaps, after.health_at) == (SUSPECT, None, 1, NOW)
    again = troubled(after, NOW + 5)
    assert (again.flaps, again.health_at) == (1, NOW)
    gone = well(health=UNREACHABLE)
    assert troubled(gone, NOW).health is UNREACHABLE
    assert troubled(well(health=FENCED), NOW).health is FENCED
    assert reported(well(health=FENCED), POLICY, NOW).health is FENCED


def test_no_host_comes_back_at_a_servers_start_before_it_was_heard_of() -> None:
    held = well(health=SUSPECT, flaps=1)
    start = {"heard": 1.0, "answered": 1.0, "alive": 1.0, "reported": 1.0, "watched": 1.0}
    assert judged(held, signs(**start), POLICY, NOW) == (held, "")
    after, _ = judged(held, signs(**(start | {"reported": 0.5})), POLICY, NOW)
    assert after.health is UP
