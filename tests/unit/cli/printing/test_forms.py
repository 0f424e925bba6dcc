"""Tables, JSON and names; whatever they hold, they stay what they are."""

import io
import json
import sys

import pytest

from vmuster.cli.printing.forms import (
    Column,
    Form,
    Output,
    Shape,
    print_document,
    print_item,
    print_items,
)

SHAPE = Shape(
    "name",
    (
        Column("NAME", lambda item: item["name"]),
        Column("STATE", lambda item: item["state"], lambda text: "red" if text == "bad" else ""),
    ),
)
HOSTILE = "a\nb\x1b[31m\u202e[bold]"
ITEMS = [{"name": HOSTILE, "state": "bad"}, {"name": "x" * 300, "state": None}]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_table_has_one_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    print_items(ITEMS, SHAPE, Output(form=Form.TABLE))
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "STATE"]
    assert first.split() == ["a\\nb\\x1b[31m\\u202e[bold]", "bad"]
    assert second.split() == ["x" * 300]


@pytest.mark.parametrize("no_color", [True, False])
def test_colours_are_for_terminals_that_want_them(
    monkeypatch: pytest.MonkeyPatch, no_color: bool
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    print_items(ITEMS, SHAPE, Output(form=Form.TABLE))
    assert ("\x1b[31mbad" in terminal.getvalue()) is not no_color


def test_names_are_one_to_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_items(ITEMS, SHAPE, Output(form=Form.NAME))
    print_item(ITEMS[0], SHAPE, Output(form=Form.NAME))
    first, second, again = capsys.readouterr().out.splitlines()
    assert first == again == "a\\nb\\x1b[31m\\u202e[bold]"
    assert second == "x" * 300


def test_json_is_exact_and_plain_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    print_items(ITEMS, SHAPE, Output(form=Form.JSON))
    out = capsys.readouterr().out
    assert json.loads(out) == ITEMS
    assert out.isascii()
    assert "\x1b" not in out
    print_document({"a": 1}, Output())
    print_item(ITEMS[1], SHAPE, Output(form=Form.JSON))
    assert capsys.readouterr().out.startswith('{\n  "a": 1\n}\n{')


def test_one_thing_has_a_line_for_each_column(capsys: pytest.CaptureFixture[str]) -> None:
    print_item({"name": HOSTILE, "state": True}, SHAPE, Output(form=Form.TABLE))
    assert capsys.readouterr().out.splitlines() == [
        "name   a\\nb\\x1b[31m\\u202e[bold]",
        "state  true",
    ]
