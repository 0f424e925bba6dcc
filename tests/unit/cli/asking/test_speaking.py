"""Errors are two lines on stderr; the server is found where it was said to be."""

from operator import itemgetter
from pathlib import Path

import click
import pytest

from tests.served import KEYS, Served
from tests.unit.cli.conftest import Run
from vmuster.cli.asking.speaking import Failed, Server, connected, say_waiting, speaks, state_dir
from vmuster.cli.printing.forms import Column, Output, Shape, print_item
from vmuster.model.host import Host


def test_a_failure_is_two_lines_whatever_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    Failed("bad\nname \x1b[31m", hint="look\nthere").show()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "vmuster: bad\\nname \\x1b[31m\nwhat to do: look\\nthere\n"


def test_a_failure_always_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    Failed("no").show()
    assert capsys.readouterr().err.splitlines()[1].startswith("what to do: ")


@pytest.mark.parametrize(
    "words", [("host", "list"), ("vm", "stop", "x"), ("cluster", "policy", "set", "c", "a=b")]
)
def test_without_a_server_a_command_fails_with_a_way_out(
    alone: Run, words: tuple[str, ...]
) -> None:
    result = alone(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    what, hint = result.stderr.splitlines()
    assert what.startswith("vmuster: no key is known")
    assert "vmuster serve" in hint


def test_the_state_folder_of_a_server_is_enough(alone: Run, world: Served, alpha: Host) -> None:
    folder = state_dir()
    folder.mkdir()
    (folder / "client.toml").write_text(f'url = "{world.url}"\nkey = "{KEYS["bert"]}"\n')
    assert alone("host", "list", "-o", "name").stdout == "alpha\n"


def test_what_is_given_goes_first(run: Run, world: Served, alpha: Host) -> None:
    assert run("host", "list", "--key", "wrong").exit_code == 1
    given = ("--url", world.url, "--key", KEYS["bert"])
    assert run("host", "list", *given).exit_code == 0


def test_the_state_folder_can_be_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VMUSTER_STATE_DIR", str(tmp_path))
    assert state_dir() == tmp_path
    monkeypatch.delenv("VMUSTER_STATE_DIR")
    assert state_dir().name == "vmuster"


def test_a_failure_ends_with_status_one() -> None:
    assert issubclass(Failed, click.ClickException)
    assert Failed("x").exit_code == 1


@pytest.mark.parametrize(("seconds", "lines"), [(1.0, 0), (2.0, 0), (3.0, 1)])
def test_that_a_server_is_waited_for_is_said_where_it_is_noticed(
    capsys: pytest.CaptureFixture[str], seconds: float, lines: int
) -> None:
    say_waiting(seconds)
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", lines)


def test_a_key_that_is_not_known_is_answered_in_words_of_the_command_line(
    run: Run, world: Served
) -> None:
    told = run("host", "list", "--key", "wrong").stderr
    assert "VMUSTER_API_KEY" in told
    assert "Authorization" not in told


def test_an_answer_that_lacks_what_we_know_is_no_crash(run: Run, world: Served) -> None:
    """The server may be older than the command line."""

    @click.command("old")
    @speaks
    def old(server: Server, out: Output) -> None:
        with connected(server) as client:
            print_item(client.status(), Shape("id", (Column("A", itemgetter("newer")),)), out)

    with pytest.raises(Failed, match="the server's answer lacks 'newer'") as failure:
        old.main([], standalone_mode=False)
    assert "vmuster version" in failure.value.hint


def test_a_state_folder_that_is_named_counts_more_than_the_context_in_use(
    alone: Run, world: Served, alpha: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config" / "vmuster" / "contexts.toml"
    file.parent.mkdir(parents=True)
    file.write_text('use = "far"\n[contexts.far]\nurl = "http://127.0.0.1:1"\nkey = "k"\n')
    assert alone("host", "list").exit_code == 1
    state_dir().mkdir()
    (state_dir() / "client.toml").write_text(f'url = "{world.url}"\nkey = "{KEYS["bert"]}"\n')
    assert alone("host", "list", "-o", "name").stdout == "alpha\n"
    monkeypatch.setenv("VMUSTER_CONTEXT", "far")
    assert "127.0.0.1:1" in alone("host", "list").stderr


def test_where_a_server_was_looked_for_is_said(alone: Run) -> None:
    hint = alone("host", "list").stderr
    assert str(state_dir() / "client.toml") in hint
    assert "vmuster status --wait" in hint
