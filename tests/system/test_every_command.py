"""Every command and every option of `vmuster` is used, on a real server, and does what it says.

The lines are in `command_lines.py`. A command, an argument or an option that no line of it uses
fails here; those that do not do what they should use nothing.
"""

import csv
import io
import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import click
import pytest
import yaml
from click.core import ParameterSource
from click.testing import CliRunner, Result

from tests.estates import HYPERVISORS, Estate
from tests.served import served
from tests.served_process import serving
from tests.system.command_lines import ACTING, HERE, LOOKING, Line
from tests.system.command_stage import EVERY, Played, Stage
from vmuster.cli.asking import watching
from vmuster.cli.asking.serve_flags import flags
from vmuster.cli.main import cli
from vmuster.client.events import Events

MORE: Final = ("west-1", "near", "far", "seen", "south", "lost")
"""Hypervisors of hosts that the lines add."""
LINES: Final = (*LOOKING, *ACTING, *HERE)
pytestmark = pytest.mark.timeout(600)  # the first test plays all lines, also on a busy machine
Use = tuple[str, str]
"""A command by its words, and one of its parameters; the empty one is the command itself."""


class Play:
    """All lines, played in their order. `used`: by those that did what they should."""

    def __init__(self, stage: Stage, used: set[Use]) -> None:
        self.lines = dict[Line, Played]()
        self.used = set[Use]()
        for line in LINES:
            used.clear()
            self.lines[line] = stage.play(line)
            if self.lines[line].done.exit_code == line.status:
                self.used |= used


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Generator[Play]:
    folder = tmp_path_factory.mktemp("lines")
    state = folder / "state"
    with serving(state) as server:
        _ = server.url
    used = set[Use]()
    with (
        pytest.MonkeyPatch.context() as patch,
        served(*HYPERVISORS, *MORE) as world,
    ):
        hypervisors = world.fleet.hypervisors
        hypervisors["west"] = hypervisors["west-1"]
        hypervisors["lost"].faults.gone = True
        _watch_parsing(patch, used)
        _end_what_is_endless(patch)
        patch.setenv("XDG_CONFIG_HOME", str(folder))
        patch.setenv("VMUSTER_STATE_DIR", str(folder / "nowhere"))
        yield Play(Stage(Estate(world), folder, state), used)


def _watch_parsing(patch: pytest.MonkeyPatch, used: set[Use]) -> None:
    """Write down what every command is given on its command line."""
    make = click.Command.make_context

    def make_context(command: click.Command, *args: Any, **more: Any) -> click.Context:
        context = make(command, *args, **more)
        words = context.command_path.removeprefix("vmuster").strip()
        used.add((words, ""))
        for parameter in command.get_params(context):
            name = parameter.name or ""
            if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
                used.add((words, name))
        return context

    patch.setattr(click.Command, "make_context", make_context)


def _nothing(*_: object) -> None:
    """What listens for events, where nobody waits for one."""


def _end_what_is_endless(patch: pytest.MonkeyPatch) -> None:
    """Somebody presses Ctrl-C when a state was shown once, or one event was heard."""

    def wait(_bell: watching.Bell, _seconds: float) -> None:
        raise KeyboardInterrupt

    heard = Events.events

    def events(client: Events, **said: Any) -> Iterator[Any]:
        yield next(heard(client, **said))
        raise KeyboardInterrupt

    patch.setattr(watching.Bell, "wait", wait)
    patch.setattr(watching, "listen", _nothing)
    patch.setattr(Events, "events", events)


def told(result: Result) -> str:
    return result.stdout + result.stderr


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.words)
def test_a_line_does_what_it_says(play: Play, line: Line) -> None:
    played = play.lines[line]
    assert played.done.exit_code == line.status, told(played.done)
    assert line.says in told(played.done)
    assert "Traceback" not in told(played.done)


@pytest.mark.parametrize("line", ACTING, ids=lambda line: line.words)
def test_a_rehearsal_changes_nothing(play: Play, line: Line) -> None:
    played = play.lines[line]
    if played.rehearsed is None:
        assert line.status != 0 or "--dry-run" in line.words
        return
    assert played.changed == []
    assert played.rehearsed.exit_code == 0, told(played.rehearsed)
    assert re.search("rehearsed|would|no quarantine", played.rehearsed.stdout)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.words)
def test_data_parses_back_in_every_form(play: Play, line: Line) -> None:
    for form, result in play.lines[line].forms.items():
        if form == "csv" and result.exit_code == 2:
            assert "has no rows" in result.stderr
            continue
        assert result.exit_code == 0, told(result)
        assert result.stdout or form == "name"
        assert _parsed(form, result.stdout) is not None


def _parsed(form: str, text: str) -> Any:
    match form:
        case "json":
            return json.loads(text)
        case "yaml":
            return yaml.safe_load(text)
        case "csv":
            rows = list(csv.reader(io.StringIO(text)))
            assert len({len(row) for row in rows}) == 1
            return rows
        case _:
            return text.splitlines()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.words)
def test_what_all_commands_share_works_for_each(play: Play, line: Line) -> None:
    for result in play.lines[line].shared:
        assert result.exit_code in (0, 130), told(result)
        assert result.stdout or line.says == ""


def test_every_command_and_every_option_was_used(play: Play) -> None:
    there = {
        (words, name)
        for words, command in EVERY.items()
        for name in ("", *(parameter.name or "" for parameter in command.params))
        if not (command.hidden and name)
    }
    assert there - play.used - EAGER == set()


EAGER: Final = {("", "version")}
"""Ends while the line is read; it is tried all the same."""


WORDS: Final = {
    "host": "127.0.0.1",
    "tls_names": "a.example",
    "instance": "VM",
    "otel_endpoint": "http://127.0.0.1:4318",
    "webhook_allow": "10.0.0.0/8",
}
"""What a setting may be that is no number, choice, yes or no, or path."""
TOGETHER: Final = {"tls_cert": ["--tls-key", "/x/key"], "tls_key": ["--tls-cert", "/x/cert"]}
"""What has to be said with a setting."""


def _said(parameter: click.Parameter) -> tuple[list[str], object]:
    """A flag as it may be said, and the value that it means."""
    option, kind = parameter.opts[0], parameter.type
    name = parameter.name or ""
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return [option], True
    if isinstance(kind, click.IntRange | click.FloatRange):
        value = kind.min if kind.min is not None else 1
        return [option, str(value)], value
    if isinstance(kind, click.Choice):
        return [option, str(kind.choices[-1])], kind.choices[-1]
    said = WORDS.get(name, "/x/y" if isinstance(kind, click.Path) else "x")
    return [option, said], [said] if parameter.multiple else said


@pytest.mark.parametrize("parameter", flags(), ids=lambda parameter: parameter.name)
def test_every_setting_of_a_server_can_be_said(
    parameter: click.Parameter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    words, value = _said(parameter)
    words += TOGETHER.get(parameter.name or "", [])
    empty = tmp_path / "none.toml"
    empty.touch()
    shown = CliRunner().invoke(
        cli, ["serve", "--config", str(empty), "--show-settings", "-o", "json", *words]
    )
    assert shown.exit_code == 0, shown.stderr
    (found,) = [item for item in json.loads(shown.stdout) if item["setting"] == parameter.name]
    assert (found["value"], found["from"]) == (value, parameter.opts[0])
