"""docs/api.md holds: its commands work as they stand there, its tables are those of the code."""

import json
import os
import re
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from tests.served import KEYS, Served, served
from tests.tidy.tree import ROOT
from vmuster.api.app import OPENAPI

PAGE: Final = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
_OF_PAGES: Final = frozenset({"limit", "cursor", "count"})
_OF_PROBLEMS: Final = (
    re.compile(r'kind="([a-z-]+)"'),
    re.compile(r'_problem\(\s*"([a-z-]+)"'),
    re.compile(r'\("([a-z-]+)", "[A-Z][^"]*", "[^"]*"\)'),
    re.compile(r'\(\w+, "([a-z-]+)", "[A-Z][^"]*", \d+\)'),
)


@pytest.fixture(scope="module")
def world() -> Generator[Served]:
    with served("alpha") as world:
        host = world.add_host("alpha")
        for number in range(3):
            world.ours(host, f"vm {number}")
        yield world


def test_its_commands_work_one_after_the_other(world: Served, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "VMUSTER_URL": world.url,
        "VMUSTER_API_KEY": KEYS["anna"],
        "no_proxy": "*",
    }
    said: list[str] = []
    for block in BLOCKS:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), block
        said.append(done.stdout)
    assert len(said) == 7
    assert "urn:vmuster:problem" not in "".join(said)
    assert 'rel="next"' in said[1]
    assert json.loads(said[3])["dry_run"] is True
    assert len(said[4].split('{"name":"north"')) == 3
    assert json.loads(said[5])["policy"]["drift"] == "enforce"
    assert json.loads(said[6])["items"][0]["state"] == "done"


def test_it_names_every_kind_of_problem() -> None:
    sources = (ROOT / "src" / "vmuster" / "api").rglob("*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    known = {kind for pattern in _OF_PROBLEMS for kind in pattern.findall(text)}
    told = set(re.findall(r"^\| `([a-z-]+)` \| [0-9o]", PAGE, re.MULTILINE))
    assert told == known
    assert len(told) > 15


def test_its_filters_are_those_of_the_lists(world: Served) -> None:
    document: dict[str, Any] = httpx2.get(world.url + OPENAPI).json()
    asked = {
        path.removeprefix("/api/v1"): {each["name"] for each in of["get"].get("parameters", ())}
        for path, of in document["paths"].items()
        if "get" in of
    }
    lists = {path: names for path, names in asked.items() if {"limit", "cursor"} <= names}
    told: dict[str, set[str]] = {}
    for row in re.findall(r"^\| (`/[^|\n]*) \|[^|\n]*\|([^|\n]*)\|$", PAGE, re.MULTILINE):
        for path in re.findall(r"`(/[a-z-]+)`", row[0]):
            told[path] = set(re.findall(r"`([a-z]+)`", row[1]))
    assert told == {path: names - _OF_PAGES for path, names in lists.items()}
    uncounted = re.findall(r"`(/[a-z]+)`", PAGE.partition("adds `total`, but on")[2])[:2]
    assert set(uncounted) == {path for path, names in lists.items() if "count" not in names}
