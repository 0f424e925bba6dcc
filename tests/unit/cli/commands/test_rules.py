"""`vmuster rule`, which needs no server."""

import json
import subprocess
import sys

from tests.unit.cli.conftest import Run
from vmuster.reconcile.rules import CATALOGUE


def test_the_rules_are_listed(alone: Run) -> None:
    listed = json.loads(alone("rule", "-o", "json").stdout)
    assert [rule["name"] for rule in listed] == list(CATALOGUE)
    assert alone("rule", "-o", "name").stdout.splitlines() == list(CATALOGUE)


def test_a_rule_is_explained(alone: Run) -> None:
    said = alone("rule", "stopped-outside").stdout
    page = CATALOGUE["stopped-outside"]
    for words in (page.when, page.follows, page.why, page.remedy, page.link):
        assert words in said
    assert "L6: Observation is true" in said
    shown = json.loads(alone("rule", "stopped-outside", "-o", "json").stdout)
    assert shown["when"] == page.when


def test_what_is_nearly_a_rule_is_suggested(alone: Run) -> None:
    result = alone("rule", "stoped-outside")
    assert result.exit_code == 1
    assert "did you mean stopped-outside" in result.stderr
    assert "lists them all" in alone("rule", "zzzz").stderr


def test_names_are_completed(alone: Run) -> None:
    words = {"_VMUSTER_COMPLETE": "bash_complete", "COMP_WORDS": "vmuster rule quie"}
    said = alone("", env={**words, "COMP_CWORD": "2"}).output
    assert "quiet-time" in said


def test_no_server_and_no_database_is_loaded() -> None:
    run = (
        "import sys\nsys.argv = ['vmuster', 'rule', 'held']\n"
        "from vmuster.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True)
    heavy = ("vmuster.server", "vmuster.stores", "sqlalchemy", "fastapi", "httpx2", "libvirt")
    assert [name for name in done.stderr.split() if name.startswith(heavy)] == []
    assert "held for" not in done.stderr


def test_the_rule_of_a_standing_is_found_by_its_number(alone: Run) -> None:
    assert alone("rule", "12").stdout == alone("rule", "standing-12").stdout != ""
