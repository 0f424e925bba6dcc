"""How long work goes on: a bar for those who watch, lines that are worth it for all others."""

import io
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from vmuster.cli.asking.progressing import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def work() -> None:
    def one(number: int) -> None:
        steps.say(f"doing {number} \x1b[31m[red]")
        steps.note(f"note {number}\n\x1b[31m")
        steps.step()

    with progress("adding [hosts]", 3) as steps, ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(3)))


def test_elsewhere_only_notes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    work()
    told = capsys.readouterr()
    assert told.out == ""
    assert sorted(told.err.splitlines()) == [f"note {number}\\n\\x1b[31m" for number in range(3)]


def test_on_a_terminal_a_bar_goes_on_and_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    work()
    told = terminal.getvalue()
    assert "adding [hosts]" in told
    assert "3/3" in told
    assert "note 2\\n\\x1b[31m" in told
    assert "\x1b[31m[red]" not in told
    assert told.rstrip().endswith("\x1b[2K")
    assert capsys.readouterr().out == ""
