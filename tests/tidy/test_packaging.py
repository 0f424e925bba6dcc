"""The systemd unit: systemd itself finds no fault in it, and its sandbox is as tight as is said."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT
from vmuster.wiring.serving.listening import STOP_SECONDS

UNIT = ROOT / "packaging" / "systemd" / "vmuster.service"
SETTINGS = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE))
systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here"
)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program that is here in the place of the installed one."""
    text = UNIT.read_text(encoding="utf-8").replace("/usr/local/bin/vmuster", "/bin/true")
    place = tmp_path / UNIT.name
    place.write_text(text, encoding="utf-8")
    return place


def analyzed(*words: str) -> str:
    done = subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout + done.stderr


@systemd
def test_systemd_finds_no_fault_in_it(unit: Path) -> None:
    assert str(unit) not in analyzed("verify", "--man=no", str(unit))


@systemd
def test_its_sandbox_is_as_tight_as_the_page_says(unit: Path) -> None:
    said = analyzed("security", "--offline=true", str(unit))
    found = re.search(r"exposure level for vmuster.service: ([\d.]+)", said)
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    promised = re.search(r"`systemd-analyze security`: ([\d.]+)", page)
    assert found is not None
    assert promised is not None
    assert float(found[1]) <= float(promised[1])


def test_the_witness_sees_every_process() -> None:
    assert SETTINGS["ProtectProc"] == "default"
    assert SETTINGS["ProcSubset"] == "all"
    assert "PrivateUsers" not in SETTINGS
    assert "PrivatePIDs" not in SETTINGS


def test_it_is_waited_for_as_long_as_it_takes_to_end() -> None:
    assert float(SETTINGS["TimeoutStopSec"]) > STOP_SECONDS
    assert SETTINGS["Type"] == "notify"
    assert SETTINGS["WatchdogSec"]
