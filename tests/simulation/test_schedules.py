"""The gate: 200 schedules of chance break no law, and reach every rare state."""

import json
import os
import subprocess
import sys
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


def test_one_seed_is_one_run_in_every_process_and_under_every_hash_seed() -> None:
    digests = {
        subprocess.run(
            [
                sys.executable,
                "-c",
                "from vmuster.sim.seeds.running import outcome_of\n"
                "print([outcome_of(seed).digest for seed in (0, 1, 2)])",
            ],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("0", "1", "4711")
    }
    assert len(digests) == 1
