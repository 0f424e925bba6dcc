"""`vmuster context`, with a real server at the end of it."""

import json
from pathlib import Path

import pytest

from tests.served import KEYS, Served
from tests.unit.cli.conftest import Run
from vmuster.cli.asking.speaking import contexts_file
from vmuster.model.host import Host


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    file = tmp_path / "key"
    file.write_text(KEYS["bert"])
    return str(file)


def test_a_context_is_added_tried_and_used(
    alone: Run, world: Served, alpha: Host, key_file: str
) -> None:
    added = alone("context", "add", "here", "--url", world.url, "--key-file", key_file)
    assert added.exit_code == 0, added.stderr
    assert added.stderr.startswith("You are bert (scope admin) in fleet ")
    assert contexts_file().stat().st_mode & 0o777 == 0o600
    assert contexts_file().parent.stat().st_mode & 0o777 == 0o700
    assert alone("host", "list", "-o", "name").stdout == "alpha\n"
    assert KEYS["bert"] not in contexts_file().read_text()


def test_a_key_may_come_by_a_pipe_and_is_shown_nowhere(
    alone: Run, world: Served, alpha: Host
) -> None:
    added = alone("context", "add", "here", "--url", world.url, input=f"{KEYS['anna']}\n")
    assert added.exit_code == 0, added.stderr
    assert alone("host", "list", "--context", "here").exit_code == 0
    shown = alone("context", "show", "-o", "json")
    assert json.loads(shown.stdout)["has_key"] is True
    assert KEYS["anna"] in contexts_file().read_text()
    assert KEYS["anna"] not in shown.stdout + added.stdout + added.stderr


@pytest.mark.parametrize(
    ("url", "key", "said"),
    [
        ("{world}", "wrong", "not added: "),
        ("http://127.0.0.1:1", "k", "not added: no server answers"),
        ("http://example.org", "k", "clear text"),
    ],
)
def test_one_that_does_not_work_is_not_added(
    alone: Run, world: Served, url: str, key: str, said: str
) -> None:
    words = ("context", "add", "here", "--url", url.format(world=world.url))
    result = alone(*words, input=f"{key}\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert not contexts_file().exists()
    assert alone(*words, "--no-check", input=f"{key}\n").exit_code == 0


def test_contexts_are_listed_used_renamed_and_removed(alone: Run, key_file: str) -> None:
    for name in ("north", "south"):
        url = f"https://{name}.example.org"
        words = ("context", "add", name, "--url", url, "--key-file", key_file, "--no-check")
        assert alone(*words).exit_code == 0
    assert alone("context", "list", "-o", "name").stdout == "north\nsouth\n"
    assert "north" in alone("context", "show").stdout
    assert alone("context", "use", "south").exit_code == 0
    assert alone("context", "rename", "south", "oslo").exit_code == 0
    assert alone("context", "show", "-o", "name").stdout == "oslo\n"
    assert alone("context", "rename", "oslo", "north").exit_code == 1
    assert alone("context", "remove", "oslo").exit_code == 0
    assert alone("context", "list", "-o", "name").stdout == "north\n"
    assert "no context is in use" in alone("context", "show").stderr


@pytest.mark.parametrize("words", [("use", "nroth"), ("remove", "nroth"), ("show", "nroth")])
def test_an_unknown_one_is_near_to_one_that_is_known(
    alone: Run, key_file: str, words: tuple[str, ...]
) -> None:
    url = ("--url", "https://a.example.org", "--key-file", key_file, "--no-check")
    assert alone("context", "add", "north", *url).exit_code == 0
    result = alone("context", *words)
    assert result.exit_code == 1
    assert "did you mean north?" in result.stderr


@pytest.mark.parametrize("name", ["", "-x", "a b", "a\nb", "x" * 65])
def test_a_name_is_a_plain_word(alone: Run, name: str) -> None:
    result = alone("context", "add", "--url", "https://a", "--no-check", "--", name, input="k\n")
    assert result.exit_code == 2


def test_without_a_key_nothing_is_added(alone: Run) -> None:
    result = alone("context", "add", "a", "--url", "https://a", "--no-check", input="\n")
    assert (result.exit_code, "--key-file" in result.stderr) == (2, True)


def test_a_file_that_is_broken_is_said(alone: Run) -> None:
    contexts_file().parent.mkdir(parents=True)
    contexts_file().write_text("use = ")
    for words in (("context", "list"), ("host", "list")):
        result = alone(*words)
        assert (result.exit_code, "holds no contexts" in result.stderr) == (1, True)


def test_the_first_is_said_to_be_meant_from_now_on(alone: Run, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k")
    given = ("--url", "http://127.0.0.1:1", "--key-file", str(key), "--no-check")
    assert "commands go to north from now on" in alone("context", "add", "north", *given).stderr
    assert "from now on" not in alone("context", "add", "south", *given).stderr
