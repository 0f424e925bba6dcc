"""The agent's journal: what was begun is never forgotten, whatever the crash."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from tests.parts import HOST
from vmuster.agent import journal as journal_module
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.model.commands import CommandResult
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


def test_a_new_command_is_unknown(path: Path) -> None:
    assert opened(path).answer(command(1)) is None


def test_what_was_answered_is_answered_alike_after_a_restart(path: Path) -> None:
    journal = opened(path)
    journal.begin(command(1))
    journal.end(result(1))
    assert journal.answer(command(1)) == result(1)
    assert opened(path).answer(command(1)) == result(1)


def test_what_was_begun_and_never_ended_has_an_unknown_outcome(path: Path) -> None:
    opened(path).begin(command(1))
    answer = opened(path).answer(command(1))
    assert answer is not None
    assert (answer.outcome, answer.unknown) == (CommandOutcome.FAILED, True)
    assert answer.host == HOST


@pytest.mark.parametrize("kept", [1, 20, -1])
def test_a_torn_line_is_dropped_and_the_next_line_is_whole(path: Path, kept: int) -> None:
    journal = opened(path)
    journal.begin(command(1))
    journal.end(result(1))
    whole = path.read_bytes()
    journal.begin(command(2))
    torn = path.read_bytes()[len(whole) :]
    path.write_bytes(whole + torn[:kept])

    after = opened(path)
    assert path.read_bytes() == whole
    assert (after.answer(command(1)), after.answer(command(2))) == (result(1), None)
    after.begin(command(3))
    assert opened(path).answer(command(3)) is not None


@pytest.mark.parametrize(
    "bad",
    [b"\0" * 40, b"", b'{"type":"begun"}', b"\xff\xfe", b"[]"],
    ids=["zeros", "empty", "incomplete", "no text", "another kind"],
)
def test_a_bad_line_costs_that_line_and_the_file_is_set_aside(path: Path, bad: bytes) -> None:
    journal = opened(path)
    journal.begin(command(1))
    first = path.read_bytes()
    journal.end(result(1))
    journal.begin(command(2))
    damaged = first + bad + b"\n" + path.read_bytes()[len(first) :] + b'{"torn'
    path.write_bytes(damaged)

    after = opened(path)
    assert path.with_name("home.journal.damaged").read_bytes() == damaged
    assert after.answer(command(1)) == result(1)
    assert (unknown := after.answer(command(2))) is not None
    assert unknown.unknown
    after.begin(command(3))
    path.with_name("home.journal.damaged").unlink()
    assert opened(path).answer(command(3)) is not None
    assert not path.with_name("home.journal.damaged").exists(), "what was written anew is whole"


def test_what_could_not_be_written_whole_is_not_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(path)
    journal.begin(command(1))
    whole = path.read_bytes()

    def full_disk(_file: int) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full_disk)
        with pytest.raises(OSError, match="no space"):
            journal.begin(command(2))
    assert path.read_bytes() == whole
    assert journal.answer(command(2)) is None


def test_the_oldest_are_forgotten_and_the_file_stays_short(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "_KEPT_MAX", 3)
    journal = opened(path)
    for number in range(1, 50):
        journal.begin(command(number))
        if number != 48:
            journal.end(result(number))
        assert len(path.read_bytes().splitlines()) <= 7
    for book in (journal, opened(path)):
        assert book.answer(command(1)) is None
        assert book.answer(command(49)) == result(49)
        begun = book.answer(command(48))
        assert begun is not None
        assert begun.unknown


def test_how_far_the_server_had_come_is_known_after_a_restart(path: Path) -> None:
    journal = opened(path)
    assert (journal.epoch, journal.intake) == (0, 0)
    for epoch, intake in ((3, 40), (4, 30), (2, 41)):
        journal.hear(epoch, intake)
    for book in (journal, opened(path)):
        assert (book.epoch, book.intake) == (4, 41)


def test_what_is_no_news_is_not_written_down_again(path: Path) -> None:
    journal = opened(path)
    journal.hear(3, 40)
    before = path.read_bytes()
    journal.hear(3, 40)
    journal.hear(2, 39)
    assert path.read_bytes() == before


def test_numbers_that_could_not_be_written_are_not_claimed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(path)
    journal.hear(3, 40)

    def full_disk(_file: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        journal.hear(4, 41)
    assert (journal.epoch, journal.intake) == (3, 40)


def test_the_numbers_outlive_the_commands_that_are_forgotten(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "_KEPT_MAX", 3)
    journal = opened(path)
    for number in range(1, 50):
        journal.hear(number, 100 + number)
        assert len(path.read_bytes().splitlines()) <= 7
    for number in range(1, 20):
        journal.begin(command(number))
        journal.end(result(number))
    after = opened(path)
    assert (after.epoch, after.intake) == (49, 149)


def test_a_damaged_journal_keeps_the_numbers_that_can_be_read(path: Path) -> None:
    journal = opened(path)
    journal.hear(3, 40)
    path.write_bytes(path.read_bytes() + b"\0\0\n")
    assert opened(path).epoch == 3
    assert opened(path).intake == 40


def test_a_journal_of_before_there_were_numbers_is_read(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(f'{{"type":"begun","command":"{command(1)}"}}\n')
    journal = opened(path)
    assert (journal.epoch, journal.intake) == (0, 0)
    assert journal.answer(command(1)) is not None
    assert not path.with_name("home.journal.damaged").exists()


def test_threads_take_turns_and_no_line_is_lost(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "_KEPT_MAX", 40)
    journal = opened(path)

    def carry_out(number: int) -> None:
        journal.begin(command(number))
        journal.end(result(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(carry_out, range(1, 61)))
    kept = [n for n in range(1, 61) if opened(path).answer(command(n)) == result(n)]
    assert len(kept) >= 40


def test_nobody_else_looks_into_its_folder(path: Path) -> None:
    opened(path)
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_last_commands_that_were_begun_are_named_after_a_restart_too(path: Path) -> None:
    journal = opened(path)
    assert journal.begun == ()
    for number in range(1, 21):
        journal.begin(command(number))
        if number % 2:
            journal.end(result(number))
    for book in (journal, opened(path)):
        assert book.begun == tuple(command(number) for number in range(5, 21))


def test_a_command_that_could_not_be_written_is_not_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(path)

    def full_disk(_file: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        journal.begin(command(1))
    assert journal.begun == ()
