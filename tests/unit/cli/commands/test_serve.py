"""`vmuster serve` on the command line: its flags, what it says of settings, how it refuses."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run


@pytest.fixture
def config(tmp_path: Path) -> str:
    """The name of a file with settings."""
    file = tmp_path / "server.toml"
    file.write_text('port = 8041\ntls_names = ["a.example", "b.example"]\n')
    return str(file)


def test_the_settings_are_shown_with_where_they_come_from(
    alone: Run, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VMUSTER_LOG_LEVEL", "error")
    words = ["--config", config, "--call-seconds", "7", "-o", "json"]
    result = alone("serve", "--show-settings", *words)
    assert (result.exit_code, result.stderr) == (0, "")
    found = {each["setting"]: (each["value"], each["from"]) for each in json.loads(result.stdout)}
    assert found["port"] == (8041, config)
    assert found["tls_names"] == (["a.example", "b.example"], config)
    assert found["log_level"] == ("error", "VMUSTER_LOG_LEVEL")
    assert found["call_seconds"] == (7.0, "--call-seconds")
    assert found["limits.stops_per_minute"] == (20, "default")
    assert found["tls_cert"] == (None, "default")


def test_the_settings_are_shown_to_people_in_a_table(alone: Run, config: str) -> None:
    lines = alone("serve", "--show-settings", "--config", config).stdout.splitlines()
    assert lines[0].split() == ["SETTING", "VALUE", "FROM"]
    assert any(line.split() == ["port", "8041", config] for line in lines)


def test_checked_settings_are_served_nowhere(alone: Run, config: str, tmp_path: Path) -> None:
    result = alone("serve", "--check", "--config", config)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "in order" in result.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "example.org"], "--host: host is no address"),
        (["--host", "203.0.113.77"], "port 8040 of 203.0.113.77 is no address of this machine"),
        (["--tls-cert", "a.pem", "--tls-key", "b.pem", "--check"], "b.pem can't be read"),
        (["--tls-cert", "a.pem"], "tls_cert comes without its other half"),
        (["--config", "missing.toml"], "missing.toml can't be read"),
    ],
)
def test_what_can_not_be_is_refused_in_two_lines(alone: Run, words: list[str], said: str) -> None:
    result = alone("serve", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 2
    assert "what to do: " in result.stderr


@pytest.mark.parametrize("words", [["--port", "65536"], ["--log-level", "loud"], ["--prot", "1"]])
def test_a_flag_that_is_none_is_a_matter_of_usage(alone: Run, words: list[str]) -> None:
    assert alone("serve", *words).exit_code == 2
