"""`vmuster api-key`: the key alone on stdout, the talk beside it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.cli.conftest import Run

KEY = re.compile(r"vmuster_[A-Za-z0-9_-]{43}[0-9a-f]{8}\n")


def test_a_new_key_alone_is_on_stdout(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run("api-key", "create", "ci", "--scope", "operate", "--expires", "30d")
    assert made.exit_code == 0
    assert KEY.fullmatch(made.stdout)
    assert "scope operate" in made.stderr
    assert "VMUSTER_API_KEY" in made.stderr
    monkeypatch.setenv("VMUSTER_API_KEY", made.stdout.strip())
    shown = run("api-key", "show-self")
    assert "operate" in shown.stdout
    refused = run("api-key", "list")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "scope admin" in refused.stderr


@pytest.mark.parametrize("form", ["name", "csv", "wide"])
def test_no_form_loses_the_key(run: Run, form: str) -> None:
    assert KEY.fullmatch(run("api-key", "create", f"f-{form}", "-o", form).stdout)


def test_a_program_is_told_all_of_it(data: Callable[..., Any]) -> None:
    made = data("api-key", "create", "json")
    assert KEY.fullmatch(made["key"] + "\n")
    assert (made["scope"], made["expires_at"]) == ("read", None)
    listed = {key["name"]: key for key in data("api-key", "list")}
    made.pop("key")
    assert listed["json"] == made


def test_keys_are_listed_with_their_end(run: Run) -> None:
    run("api-key", "create", "short", "--expires", "90m")
    lines = {line.split()[0]: line for line in run("api-key", "list").stdout.splitlines()}
    assert "never" in lines["anna"]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", lines["short"])
    assert "anna" in lines["short"], "it says who made it"


@pytest.mark.parametrize(
    ("span", "seconds"), [("90m", 5400), ("12h", 43_200), ("30d", 2_592_000), ("8w", 4_838_400)]
)
def test_spans(data: Callable[..., Any], run: Run, span: str, seconds: int) -> None:
    from datetime import datetime

    made = data("api-key", "create", f"s-{span}", "--expires", span)
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert lasts.total_seconds() == seconds


@pytest.mark.parametrize(
    "span", ["", "30", "d", "0d", "-1d", "1y", "1.5h", "30 d", "٣d", "9999999d"]
)
def test_what_is_no_span_is_a_usage_error(run: Run, span: str) -> None:
    result = run("api-key", "create", "x", "--expires", span)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "90m, 12h, 30d or 8w" in result.stderr


def test_a_key_is_revoked_on_a_word(run: Run, data: Callable[..., Any]) -> None:
    data("api-key", "create", "gone")
    refused = run("api-key", "revoke", "gone")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--yes" in refused.stderr
    assert data("api-key", "revoke", "gone", "--yes")["name"] == "gone"
    assert "no API key gone" in run("api-key", "revoke", "gone", "--yes").stderr


def test_a_rehearsal_makes_no_key(run: Run, data: Callable[..., Any]) -> None:
    said = run("api-key", "create", "never", "--dry-run", "-o", "json")
    assert said.exit_code == 0, said.stderr
    assert "digest" not in said.stdout
    assert not KEY.search(json.loads(said.stdout)["answer"]["key"] + "\n")
    assert "never" not in {key["name"] for key in data("api-key", "list")}
