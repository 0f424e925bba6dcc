"""`vmuster webhook`: added with a secret that is shown once, tested, shown, removed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run

URL = "https://hooks.example/a-secret-path"


def test_a_webhook_is_added_and_its_secret_printed_once(run: Run) -> None:
    added = run("webhook", "add", "pager", URL)
    assert added.exit_code == 0, added.stderr
    assert added.stdout.startswith("whsec_")
    assert len(added.stdout.split()) == 1
    assert "not shown again" in added.stderr
    for shown in (run("webhook", "list"), run("webhook", "show", "pager", "-o", "json")):
        assert added.stdout.strip() not in shown.stdout
        assert "a-secret-path" not in shown.stdout
        assert "https://hooks.example/…" in shown.stdout.replace("\\u2026", "…")


def test_a_secret_comes_from_a_file_and_is_repeated_nowhere(
    run: Run, data: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("CANARY-CANARY-CANARY\n")
    kinds = ("--kind", "held", "--kind", "alert")
    added = data("webhook", "add", "chat", URL, *kinds, "--secret-file", str(file))
    assert (added["secret"], added["kinds"]) == ("", ["alert", "held"])
    assert "CANARY" not in str(added)
    said = run("webhook", "add", "other", URL, "--secret-file", "-", input="CANARY-CANARY-CANARY")
    assert said.exit_code == 0
    assert "hooks.example" in said.stdout
    assert "CANARY" not in said.output


@pytest.mark.parametrize("content", [b"", b" \n", b"x" * 2000, b"\xff" * 20, b"CANARY"])
def test_what_is_no_secret_is_refused_in_words_without_it(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    refused = run("webhook", "add", "no", URL, "--secret-file", str(file))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "secret" in refused.stderr
    assert "CANARY" not in refused.stderr


def test_a_test_says_whether_it_was_taken_in(run: Run, world: Served) -> None:
    url = "https://tested.example/x"
    assert run("webhook", "add", "tested", url).exit_code == 0
    assert "taken in  true" in run("webhook", "test", "tested").stdout
    world.fleet.poster.away.add(url)
    failed = run("webhook", "test", "tested")
    assert failed.exit_code == 1
    assert "nobody is there" in failed.stderr
    world.fleet.poster.away.clear()


def test_a_webhook_is_removed_when_it_is_meant(run: Run, data: Callable[..., Any]) -> None:
    assert run("webhook", "add", "gone", URL).exit_code == 0
    refused = run("webhook", "remove", "gone")
    assert (refused.exit_code, "--yes" in refused.stderr) == (1, True)
    rehearsed = data("webhook", "remove", "gone", "--dry-run")
    assert rehearsed["entries"] == ["webhook gone was removed"]
    assert data("webhook", "remove", "gone", "--yes")["name"] == "gone"
    assert run("webhook", "show", "gone").exit_code == 1


def test_a_rehearsal_adds_nothing_and_shows_no_secret(run: Run, data: Callable[..., Any]) -> None:
    rehearsed = data("webhook", "add", "maybe", URL, "--dry-run")
    assert rehearsed["dry_run"]
    assert "a-secret-path" not in str(rehearsed)
    assert run("webhook", "show", "maybe").exit_code == 1
    forbidden = run("webhook", "add", "maybe", "https://forbidden/", "--dry-run")
    assert (forbidden.exit_code, "nothing may be posted" in forbidden.stderr) == (1, True)
