"""The gate: 200 schedules of chance break no law, and reach every rare state."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vmuster.sim.laws.sometimes import REACHED

SCHEDULES = 200
HOURS_LEAST = 60.0
FAULTS_LEAST = 20_000


def sim(*arguments: str, hash_seed: str = "random") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "vmuster.cli", "sim", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    )


@pytest.mark.timeout(900)
def test_no_law_is_broken_and_no_rare_state_is_missed() -> None:
    ran = sim("--seeds", str(SCHEDULES), "--jobs", "2", "-o", "json")
    found: dict[str, Any] = json.loads(ran.stdout)
    assert found["violations"] == [], ran.stderr
    assert ran.returncode == 0
    assert found["schedules"] == SCHEDULES
    assert found["simulated_hours"] >= HOURS_LEAST
    assert found["faults"] >= FAULTS_LEAST
    assert [name for name in REACHED if not found["sometimes"].get(name)] == []


DIGESTS = """
import sys
from pathlib import Path
from vmuster.sim.play import play
from vmuster.sim.seeds.running import outcome_of
from vmuster.sim.stories.reading import read, read_text
for seed in range(5):
    print(outcome_of(seed).digest)
for path in map(Path, sys.argv[1:]):
    story = read(read_text(path), path.name)
    print(play(story.steps, story.seed).digest)
"""
"""Prints the digests of five schedules, and of these stories."""
STORIES = sorted((Path(__file__).parents[1] / "scenarios").glob("*.txt"))


def test_one_seed_is_one_run_in_every_process_and_under_every_hash_seed() -> None:
    some = STORIES[:: len(STORIES) // 5][:5]
    first, second = (
        subprocess.run(
            [sys.executable, "-c", DIGESTS, *map(str, some)],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        ).stdout.split()
        for hash_seed in ("0", "4711")
    )
    assert first == second
    assert len(set(first)) == len(first) == 10
