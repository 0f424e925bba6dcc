"""What commands share that work on a state folder."""

import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from vmuster.cli.asking.speaking import Failed
from vmuster.cli.asking.state_folder import Place, at_state_folder, here, told
from vmuster.model.errors import Refused


def test_the_folder_is_where_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("VMUSTER_STATE_DIR", str(tmp_path / "by-variable"))
    config = tmp_path / "server.toml"
    config.write_text('state_dir = "by-file"')
    assert Place(None, None).settings().state_dir == tmp_path / "by-variable"
    monkeypatch.delenv("VMUSTER_STATE_DIR")
    assert Place(None, config).settings().state_dir == tmp_path / "by-file"
    assert Place(tmp_path / "by-flag", config).settings().state_dir == tmp_path / "by-flag"
    assert not Place(None, None).said


def test_a_command_is_given_its_place() -> None:
    @click.command()
    @at_state_folder
    def command(place: Place) -> None:
        click.echo(place.said)

    assert CliRunner().invoke(command, ["--state-dir", "x"]).output == "True\n"
    assert CliRunner().invoke(command, []).output == "False\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Refused("no", hint="do that"), "no"),
        (PermissionError(13, os.strerror(13), "a.db"), "refuses a.db: Permission denied"),
        (OSError(28, os.strerror(28)), "No space left"),
    ],
)
def test_what_goes_wrong_is_said_in_two_lines(error: Exception, words: str) -> None:
    with pytest.raises(Failed, match=words) as failed, here():
        raise error
    assert failed.value.hint


def test_progress_is_told_in_percents(capsys: pytest.CaptureFixture[str]) -> None:
    with told("copying") as tell:
        for done in range(0, 3001, 7):
            tell(done, 3000)
        tell(0, 0)
    assert capsys.readouterr() == ("", "")
