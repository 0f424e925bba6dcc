"""The peer is asked line by line; what it says is set beside ours."""

import sys
from pathlib import Path

import msgspec
import pytest

from bench import nova
from bench.rows import as_json
from bench.sizes import Sizes

pytestmark = pytest.mark.anyio
PEER = """
import json, sys
for line in sys.stdin:
    share = float(line)
    cost = {"cpu": 8 + share, "wall": 9}
    print(json.dumps({"instances": 1000, "changed": int(share * 1000), **cost}), flush=True)
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that is installed, and takes eight seconds for whatever it is asked."""
    script = tmp_path / "peer.py"
    script.write_text(PEER, encoding="utf-8")
    monkeypatch.setattr(nova, "RUN", (sys.executable, script))
    monkeypatch.setattr(nova, "install", lambda: None)

    def seeded(instances: int) -> Path:
        return tmp_path / f"{instances}.sqlite"

    monkeypatch.setattr(nova, "seeded", seeded)


@pytest.mark.usefixtures("stand_in")
async def test_both_are_measured_in_one_run() -> None:
    result = await nova.run(Sizes(hosts=2, vms=3, repeats=1))
    said = msgspec.json.decode(as_json(result))
    assert [row["goal"] for row in said["rows"]] == [10_000, 300, 0]
    assert [row["against"] for row in said["rows"]] == [8_000, 801_000, 9_000]
    assert all(row["value"] > 0 for row in said["rows"])


@pytest.mark.parametrize(("ours", "ok"), [(0.4, True), (0.41, False)])
def test_how_many_times_less_is_judged(ours: float, ok: bool) -> None:
    cpu = {
        "our unchanged": ours,
        "our changed": ours,
        "unchanged": 8.0,
        "changed": 8.0,
        "all changed": 20.0,
    }
    unchanged, changed, _ = nova.rows(cpu, vms=500_000, instances=1_000)
    assert unchanged.ok is ok
    assert changed.ratio == pytest.approx(8.0 / 10 / (ours / 5_000))


async def test_a_peer_that_ends_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nova, "RUN", (sys.executable, "-c", "pass"))
    async with nova.peer(tmp_path / "database") as gone:
        with pytest.raises(BrokenPipeError):
            await gone.sync(0.0)


def test_what_is_installed_is_locked_with_hashes() -> None:
    pins = [line for line in nova.LOCK.read_text(encoding="utf-8").splitlines() if "==" in line]
    assert "nova==33.0.2 \\" in pins
    assert all(line.endswith("\\") for line in pins)
