"""Tables: one line is one row where nobody looks; colours only where they are wanted."""

import io
import sys
from collections.abc import Callable

import pytest

from vmuster.cli.printing.forms import Column, Item, Output
from vmuster.cli.printing.tables import in_colours, print_table

COLUMNS = (
    Column("NAME", lambda item: item["name"]),
    Column("STATE", lambda item: item["state"], lambda text: "red" if text == "bad" else ""),
)
ITEMS: list[Item] = [{"name": "x" * 300, "state": "bad"}, {"name": "[red]y", "state": None}]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


Say = Callable[[bool], io.StringIO]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Say:
    """Has stdout be a terminal, or not."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def say(terminal: bool) -> io.StringIO:
        stdout = Terminal() if terminal else io.StringIO()
        monkeypatch.setattr(sys, "stdout", stdout)
        return stdout

    return say


def test_off_a_terminal_one_line_is_one_row(say: Say) -> None:
    stdout = say(False)
    print_table(ITEMS, COLUMNS, Output())
    head, first, second = stdout.getvalue().splitlines()
    assert head.split() == ["NAME", "STATE"]
    assert first.split() == ["x" * 300, "bad"]
    assert second.split() == ["[red]y"]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_table_fits_its_width(say: Say, terminal: bool) -> None:
    stdout = say(terminal)
    print_table(ITEMS, COLUMNS, Output(width=40, colour=False))
    assert max(map(len, stdout.getvalue().splitlines())) <= 40
    assert stdout.getvalue().count("x") == 300


def test_headers_can_be_left_out(say: Say) -> None:
    stdout = say(True)
    print_table(ITEMS, COLUMNS, Output(headers=False))
    assert "NAME" not in stdout.getvalue()
    assert "bad" in stdout.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("colour", [True, False, None])
def test_colours_are_for_terminals_unless_it_is_said(
    say: Say, terminal: bool, colour: bool | None
) -> None:
    stdout = say(terminal)
    print_table(ITEMS, COLUMNS, Output(colour=colour))
    assert ("\x1b[31mbad" in stdout.getvalue()) is (terminal if colour is None else colour)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [("NO_COLOR", "1", False), ("NO_COLOR", "", True), ("TERM", "dumb", False)],
)
def test_a_terminal_may_forbid_colours(
    say: Say, monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: bool
) -> None:
    stdout = say(True)
    assert in_colours(Output())
    monkeypatch.setenv(name, value)
    assert in_colours(Output()) is wanted
    print_table(ITEMS, COLUMNS, Output())
    assert ("\x1b" in stdout.getvalue()) is wanted


def test_no_line_ends_in_spaces(say: Say) -> None:
    for terminal in (False, True):
        stdout = say(terminal)
        print_table(ITEMS[::-1], COLUMNS, Output(colour=False, width=40))
        assert [line for line in stdout.getvalue().splitlines() if line != line.rstrip()] == []


def test_columns_stand_below_each_other_off_a_terminal(say: Say) -> None:
    """Also where characters are twice as wide."""
    stdout = say(False)
    print_table([{"name": "雪", "state": "up"}, {"name": "abc", "state": "bad"}], COLUMNS, Output())
    assert stdout.getvalue() == "NAME  STATE\n雪    up\nabc   bad\n"
