"""All recorded runs of the original, under every policy; and the page that is made from them."""

from collections import Counter

import pytest

from tools.cloudstack_groups import GROUPS, Answer, Kind, answers, compare, grouped, kind_of
from tools.cloudstack_scenarios import Scenario, Setting, lines, read_scenarios
from tools.differences import OUTPUT, render
from vmuster.model.states import Standing

SCENARIOS = read_scenarios()
UNTOUCHABLE = {
    Standing.ALIEN,
    Standing.FOREIGN,
    Standing.CLONE,
    Standing.UNPROVEN,
    Standing.ORPHAN,
    Standing.DUPLICATE,
    Standing.MOVED,
}


def every_answer(setting: Setting, repeat: int) -> list[tuple[Scenario, Answer]]:
    return [(s, answer) for s in SCENARIOS for answer in answers(s, setting, repeat)]


@pytest.mark.parametrize("setting", Setting)
@pytest.mark.parametrize("repeat", [1, 2, 4])
def test_no_vm_that_is_not_provably_ours_is_ever_commanded(setting: Setting, repeat: int) -> None:
    for scenario, answer in every_answer(setting, repeat):
        standings = {found.uuid: found.standing for found in answer.findings}
        for command in (*answer.commands, *answer.held_commands):
            assert standings[command.uuid] not in UNTOUCHABLE, (scenario.scenario, command)
            assert kind_of(scenario, command.name) not in (Kind.ALIEN, Kind.ANOTHER, Kind.NUMBER)


@pytest.mark.parametrize("repeat", [1, 2, 4])
def test_by_default_nothing_is_commanded_at_all(repeat: int) -> None:
    for _, answer in every_answer(Setting.DEFAULT, repeat):
        assert answer.commands == answer.held_commands == ()


@pytest.mark.parametrize(
    ("setting", "standings"),
    [
        (Setting.LEAVE, {Standing.OWNED}),
        (Setting.BY_MARK, {Standing.OWNED, Standing.GHOST}),
        (Setting.BY_NAME, {Standing.OWNED, Standing.GHOST, Standing.LOOKALIKE}),
    ],
)
def test_each_rung_stops_what_it_says_and_no_more(
    setting: Setting, standings: set[Standing]
) -> None:
    stopped = {
        found.standing
        for _, answer in every_answer(setting, 2)
        for found in answer.findings
        if found.name in answer.stopped
    }
    assert stopped == standings


def test_a_held_plan_sends_nothing() -> None:
    held = [answer for _, answer in every_answer(Setting.BY_NAME, 2) if answer.held]
    assert held
    assert all(answer.commands == () for answer in held)


def test_every_scenario_is_in_one_group_and_every_group_has_some() -> None:
    groups = grouped(SCENARIOS)
    names = Counter(one.scenario.scenario for members in groups.values() for one in members)
    assert len(SCENARIOS) == sum(names.values()) == 400
    assert set(names.values()) == {1}
    assert list(groups) == [group.title for group in GROUPS]
    assert all(groups.values())


def test_the_last_group_stops_nothing() -> None:
    for one in grouped(SCENARIOS)[GROUPS[-1].title]:
        assert one.original | one.guarded | one.vmuster == frozenset()


def test_the_incident_is_among_them() -> None:
    incident = next(s for s in SCENARIOS if s.scenario == "clusterAnswer/alien-stopped")
    compared = compare(incident)
    assert (compared.original, compared.guarded, compared.vmuster) == ({"web-01"}, set(), set())


def test_a_line_for_each_reporting_host_with_that_host_last() -> None:
    pool = next(s for s in SCENARIOS if s.call == ["fullSync", "1"] and len(s.hosts) == 3)
    made = list(lines(pool, Setting.DEFAULT, 1))
    hosts = [host.host for host in pool.hosts if host.cluster == 1]
    assert len(made) >= len(hosts) > 1
    orders = [[report["host"] for report in _reports(line)] for line in made]
    assert len({order[-1] for order in orders}) == len(made)
    assert all(sorted(order) == sorted(orders[0]) for order in orders)


def _reports(line: dict[str, object]) -> list[dict[str, str]]:
    reports = line["reports"]
    assert isinstance(reports, list)
    return reports  # pyright: ignore[reportUnknownVariableType]


def test_the_page_is_current() -> None:
    assert OUTPUT.read_text(encoding="utf-8") == render(SCENARIOS), "run tools/differences.py"
