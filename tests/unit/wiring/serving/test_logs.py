"""Logs go to stderr, one line for each event, and parse back equal whatever they hold (T17)."""

import json
import re
import subprocess
import sys

import pytest

from vmuster.wiring.serving.logs import FIELD_CHARACTERS_MAX

HOSTILE = [
    'web\n{"level": "audit", "event": "approved"}',
    "timestamp=2026-01-01 level=info event=approved",
    'a" event="approved',
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m\x85next\x7f\x00",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "line\u2028paragraph\u2029",
    "back\\slash \\n \\u001b",
    "\ud800 alone",
    "\U000e0041\U000f0000",
    "=",
    "",
    " ",
    "ümläut 日本",
]
PAIR = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^" ]+)(?: |\n)')
SAY = """
import json, sys
import structlog
from vmuster.wiring.serving.logs import configure_logs
configure_logs(as_json={as_json}, level="info")
for name in json.load(sys.stdin):
    structlog.get_logger("t").info("decision", name=name, why="it is an alien", number=3, none=None)
"""


def said(script: str, given: object = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr


def pairs(line: str) -> dict[str, object]:
    """A key=value line, read as its grammar says; nothing of it may be left."""
    assert PAIR.sub("", line) == ""
    read = dict[str, str](PAIR.findall(line))
    return {key: json.loads(v) if v.startswith('"') else v for key, v in read.items()}


def lines(log: str) -> list[str]:
    """The lines, as the strictest and the laxest reader part them."""
    assert log.split("\n") == [*log.splitlines(), ""]
    assert all(character == "\n" or character.isprintable() for character in log)
    return log.splitlines(keepends=True)


def test_lines_for_machines_parse_back_equal() -> None:
    found = [json.loads(line) for line in lines(said(SAY.format(as_json=True), HOSTILE))]
    assert [each["name"] for each in found] == HOSTILE
    assert {(e["event"], e["level"], e["why"], e["number"], e["none"]) for e in found} == {
        ("decision", "info", "it is an alien", 3, None)
    }
    assert all(each["timestamp"].endswith("Z") for each in found)


def test_lines_for_people_parse_back_equal() -> None:
    log = said(SAY.format(as_json=False), HOSTILE)
    found = [pairs(line) for line in lines(log)]
    assert [each["name"] for each in found] == HOSTILE
    assert {(e["event"], e["level"], e["number"]) for e in found} == {("decision", "info", "3")}
    assert "ümläut 日本" in log, "letters of any script stay what they are"
    assert lines(log)[0].startswith("timestamp=")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_field_has_an_end(as_json: bool) -> None:
    (line,) = lines(said(SAY.format(as_json=as_json), ["x" * 1_000_000]))
    name = json.loads(line)["name"] if as_json else pairs(line)["name"]
    assert name == "x" * (FIELD_CHARACTERS_MAX - 1) + "…"


def test_an_error_is_one_line_that_keeps_its_end() -> None:
    script = """
import structlog
from vmuster.wiring.serving.logs import configure_logs
configure_logs(as_json=True)
try:
    raise ValueError("a" * 9000 + "\\n the end \\x1b[2J")
except ValueError:
    structlog.get_logger("t").exception("failed")
"""
    (line,) = lines(said(script))
    found = json.loads(line)
    assert (found["level"], len(found["exception"])) == ("error", FIELD_CHARACTERS_MAX)
    assert found["exception"].endswith("the end \x1b[2J")


def test_what_libraries_say_is_a_line_like_every_other() -> None:
    script = """
import logging, warnings
from vmuster.wiring.serving.logs import configure_logs
configure_logs(as_json=True)
logging.getLogger("uvicorn.error").warning("bad %s", "a\\nb")
logging.getLogger("sqlalchemy").info("not told")
warnings.warn("old", DeprecationWarning, stacklevel=1)
"""
    found = [json.loads(line) for line in lines(said(script))]
    assert (found[0]["logger"], found[0]["level"]) == ("uvicorn.error", "warning")
    assert found[0]["event"] == "bad a\nb"
    assert "not told" not in [each["event"] for each in found]
    assert [each["logger"] for each in found[1:]] == ["py.warnings"]


def test_what_is_bound_to_a_request_stands_in_every_line() -> None:
    script = """
import structlog
from vmuster.wiring.serving.logs import configure_logs
configure_logs(as_json=True)
structlog.contextvars.bind_contextvars(request_id="r1")
structlog.get_logger("t").info("asked")
"""
    assert json.loads(said(script))["request_id"] == "r1"


def test_the_weight_can_be_changed_while_it_runs() -> None:
    script = """
import logging, structlog
from vmuster.wiring.serving.logs import configure_logs, set_level
configure_logs(as_json=True, level="warning")
log = structlog.get_logger("t")
def say():
    log.debug("d"); log.info("i"); log.warning("w"); log.error("e")
    logging.getLogger("lib").info("lib")
say(); set_level("debug"); say(); set_level("error"); say()
"""
    found = [json.loads(line)["event"] for line in said(script).splitlines()]
    assert found == ["w", "e", "d", "i", "w", "e", "lib", "e"]
