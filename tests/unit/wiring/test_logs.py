"""Logs go to stderr, one line for each event, whatever its text holds."""

import json
import subprocess
import sys

SAY = (
    "import structlog; from vmuster.wiring.logs import configure_logs;"
    "configure_logs(as_json={as_json});"
    "structlog.get_logger('t').info('decision', name='a\\nb\\x1b[2J', why='it is an alien')"
)


def said(*, as_json: bool) -> str:
    script = SAY.format(as_json=as_json)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr


def test_lines_for_machines_are_json() -> None:
    line = json.loads(said(as_json=True))
    assert (line["event"], line["level"], line["why"]) == ("decision", "info", "it is an alien")
    assert line["name"] == "a\nb\x1b[2J"
    assert line["timestamp"].endswith("Z")


def test_lines_for_people_stay_one_line_each() -> None:
    text = said(as_json=False)
    assert len(text.splitlines()) == 1
    assert 'why="it is an alien"' in text
