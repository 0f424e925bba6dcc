"""Whether a person wants it: asked where one sits, refused where none does."""

import io
import sys

import pytest

from vmuster.cli.asking.confirming import agreed, can_ask, confirm
from vmuster.cli.asking.speaking import Failed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_yes_is_yes() -> None:
    confirm("Everything goes.", yes=True)


def test_where_nobody_can_be_asked_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert not can_ask()
    with pytest.raises(Failed, match=r"Everything goes\.") as caught:
        confirm("Everything goes.", yes=False)
    assert "--yes" in caught.value.hint


@pytest.mark.parametrize(("answer", "wanted"), [("y", True), ("n", False), ("", False)])
def test_a_person_answers(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    wanted: bool,
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    if wanted:
        confirm("Go\x1b[31m.", yes=False)
    else:
        with pytest.raises(Failed, match="you said no"):
            confirm("Go\x1b[31m.", yes=False)
    said = capsys.readouterr()
    assert (said.out, "\x1b" in said.err) == ("", False)


def test_what_was_agreed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    assert agreed("Go.")
