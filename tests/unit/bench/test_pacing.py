"""Each thing has its moment, and none comes before it."""

import time

import pytest

from bench.pacing import paced

pytestmark = pytest.mark.anyio


async def test_moments_are_evenly_apart_and_nothing_comes_early() -> None:
    done: list[tuple[str, float, float]] = []

    async def do(thing: str, due: float) -> None:
        done.append((thing, due, time.perf_counter()))

    await paced("abcd", 100.0, do)
    assert [thing for thing, _, _ in done] == list("abcd")
    assert [due - done[0][1] for _, due, _ in done] == pytest.approx([0.0, 0.01, 0.02, 0.03])
    assert all(now >= due for _, due, now in done)


async def test_who_is_late_keeps_its_moment() -> None:
    dues: list[float] = []

    async def slow(_thing: str, due: float) -> None:
        end = time.perf_counter() + 0.02
        while time.perf_counter() < end:
            pass
        dues.append(due)

    await paced("abc", 1_000.0, slow)
    assert [due - dues[0] for due in dues] == pytest.approx([0.0, 0.001, 0.002])
