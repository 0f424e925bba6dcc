"""The agent's journal: which guests were asked to shut down, by whichever command."""

import os
from pathlib import Path
from uuid import UUID

import pytest

from tests import moments
from tests.parts import HOST
from vmuster.agent import journal as journal_module
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.model.commands import GUEST_WAS_ASKED, CommandResult
from vmuster.model.ids import CommandId
from vmuster.model.states import CommandOutcome


def command(number: int) -> CommandId:
    return CommandId(UUID(int=number))


def result(number: int) -> CommandResult:
    return CommandResult(
        command=command(number), host=HOST, outcome=CommandOutcome.DONE, message="done"
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agents" / "home.journal"


def opened(path: Path) -> Journal:
    return Journal(JournalFile(path), HOST)


def asked(journal: Journal, number: int) -> bool:
    """Whether it says of a command without an end that its guest was asked to shut down."""
    answer = journal.answer(command(number))
    assert answer is not None
    assert (answer.outcome, answer.unknown) == (CommandOutcome.FAILED, True)
    return answer.message.startswith(GUEST_WAS_ASKED)


def test_that_a_guest_was_asked_is_known_after_a_restart_until_the_end_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(path)
    for number in (1, 2):
        journal.begin(command(number))
    journal.ask(moments.stop(number=2))
    for book in (journal, opened(path)):
        assert [asked(book, number) for number in (1, 2)] == [False, True]
    monkeypatch.setattr(journal_module, "_KEPT_MAX", 1)
    journal.begin(command(3))
    journal.ask(moments.stop(number=3))
    journal.hear(1, 1)
    assert asked(opened(path), 3), "also after the oldest were forgotten"
    journal.end(result(3))
    for book in (journal, opened(path)):
        assert book.answer(command(3)) == result(3)


def test_that_a_guest_is_asked_is_known_though_the_line_before_can_not_be_read(path: Path) -> None:
    journal = opened(path)
    journal.begin(command(1))
    journal.ask(moments.stop(number=1))
    path.write_bytes(b"\0\n" + path.read_bytes().split(b"\n", 1)[1])
    assert asked(opened(path), 1)


def test_a_guest_is_not_said_to_be_asked_where_that_could_not_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(path)
    journal.begin(command(1))

    def full_disk(_file: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        journal.ask(moments.stop(number=1))
    assert not asked(journal, 1)
    assert journal.asked(moments.stop().operation) is None


def test_where_a_command_ended_and_nobody_knows_whether_it_asked_the_next_one_may(
    path: Path,
) -> None:
    """As where the call was given up."""
    journal, stop = opened(path), moments.stop()
    journal.begin(stop.id)
    journal.ask(stop)
    journal.end(result(1))
    for book in (journal, opened(path)):
        assert book.asked(stop.operation) is None


def test_in_which_process_a_guest_was_asked_is_known_after_its_command_has_ended(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its request, which another command may carry on."""
    journal, stop = opened(path), moments.stop()
    journal.begin(stop.id)
    for process in (None, "a process"):
        journal.ask(stop, process)
        for book in (journal, opened(path)):
            assert book.asked(stop.operation) == (process or ""), "nobody can tell at first"
    journal.end(result(1))
    monkeypatch.setattr(journal_module, "_KEPT_MAX", 1)
    for book in (journal, opened(path)):
        assert book.asked(stop.operation) == "a process"
        assert book.asked(moments.stop(number=2).operation) is None
    journal.begin(command(2))
    journal.hear(1, 1)
    assert journal.asked(stop.operation) is opened(path).asked(stop.operation) is None, "too old"
