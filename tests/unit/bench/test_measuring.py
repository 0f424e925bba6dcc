"""Costs are medians of runs that were taken in turn."""

import time

import pytest

from bench.measuring import (
    Cost,
    cpu_us,
    in_turn,
    machine,
    percentile,
    resident_bytes,
    timed,
    wall_us,
)

pytestmark = pytest.mark.anyio


async def test_works_are_done_in_turn() -> None:
    done: list[str] = []
    works = {name: timed(lambda name=name: done.append(name)) for name in ("a", "b")}
    costs = await in_turn(2, works)
    assert done == ["a", "b", "a", "b"]
    assert {name: len(some) for name, some in costs.items()} == {"a": 2, "b": 2}


async def test_only_what_is_inside_is_counted() -> None:
    cost = Cost()
    with cost.running():
        _turn_round(0.03)
    inside = cost.cpu
    _turn_round(0.03)
    assert cost.cpu == inside >= 0.03
    assert cost.wall >= inside / 2  # a coarse clock of the CPU may run ahead
    with cost.running():
        _turn_round(0.03)
    assert cost.cpu >= 0.06


def test_a_median_is_for_each_of_so_many_things() -> None:
    costs = [Cost(cpu, 10 * cpu) for cpu in (0.001, 0.002, 0.009)]
    assert cpu_us(costs, per=4) == pytest.approx(500)
    assert wall_us(costs, per=4) == pytest.approx(5_000)
    assert (costs[0] + costs[2]).cpu == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [
        ([3, 1, 2], 50, 2),
        (range(1, 101), 99, 99),
        (range(1, 101), 50, 50),
        (range(1, 1001), 99, 990),
        ([7], 99, 7),
    ],
)
def test_a_percentile_is_one_of_the_values(
    values: list[float], percent: float, found: float
) -> None:
    assert percentile(values, percent) == found


def test_the_machine_and_its_memory_are_told() -> None:
    assert machine().cores >= 1
    assert machine().python.startswith("3.")
    assert 1 << 20 < resident_bytes() < 1 << 36


def _turn_round(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
