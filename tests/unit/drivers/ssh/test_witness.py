"""The witness over ssh: one line that is kept, and no way to tell as soon as anything is wrong."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from vmuster.drivers.ssh.witness import NoWitness, SshWitness
from vmuster.model.ids import VmUuid

VM, OTHER = VmUuid(uuid4()), VmUuid(uuid4())
ACCOUNT = (
    "self 7 7\\nsocket 00010000 5 /run/libvirt/libvirt-sock\\ndaemon 9 x\\nsocket:[5]\\n"
    "arguments\\n"
    f"-uuid\\000/proc/self/cmdline\\000-uuid\\000{VM}\\000%s\\000"
    "-uuid\\000/proc/self/cmdline\\000ended 0"
)
ANSWERS = f"""
echo $$ >> started
while read -r word what line; do
    [ "$what" = look ] && printf '{ACCOUNT}' "$line"
    printf '\\n%s\\n' "$word"
done
"""
"""A far side that always says the same; the command that it is given is not run."""


def words() -> Callable[[], str]:
    """Words that are never the same."""
    numbers = count()
    return lambda: f"word{next(numbers)}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


Make = Callable[..., SshWitness]


@pytest.fixture
def make(folder: Path) -> Iterator[Make]:
    made: list[SshWitness] = []

    def witness(script: str = ANSWERS, seconds: float = 30.0) -> SshWitness:
        command = ["/bin/sh", "-c", f"cd {folder}\n{script}", "far"]
        made.append(SshWitness(command, "system", "vmuster-7", words(), seconds=seconds))
        return made[-1]

    yield witness
    for each in made:
        each.close()


def started(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "started").read_text().split()]


def test_it_says_what_the_account_says(make: Make) -> None:
    witness = make()
    assert witness.held() == {VM}
    assert witness.holds(VM) is True
    assert witness.holds(OTHER) is False
    assert witness.alive() is True


def test_one_line_is_kept_for_many_questions(make: Make, folder: Path) -> None:
    witness = make()
    for _ in range(3):
        witness.held()
        witness.alive()
    assert len(started(folder)) == 1


def test_a_line_that_broke_is_begun_anew(make: Make, folder: Path) -> None:
    witness = make()
    assert witness.alive() is True
    os.kill(started(folder)[0], signal.SIGKILL)
    answers = [witness.alive(), witness.alive()]  # the first may still have found the old line
    assert answers[-1] is True
    assert len(started(folder)) == 2


@pytest.mark.parametrize(
    "script",
    [
        "exit 255",
        "read -r word; printf 'self 7 7\\n'",
        "while read -r word what; do printf '\\nanother\\n'; done",
        "sleep 60",
        "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
    ],
)
def test_where_the_answer_is_not_whole_there_is_no_way_to_tell(make: Make, script: str) -> None:
    witness = make(script, seconds=0.5)
    assert witness.held() is None
    assert witness.holds(VM) is None
    assert witness.alive() is False


def test_a_process_that_is_seen_is_there_though_others_may_be_hidden(make: Make) -> None:
    witness = make(ANSWERS.replace("daemon 9 x", "hidden 8"))
    assert witness.held() is None
    assert witness.holds(VM) is True
    assert witness.holds(OTHER) is None


def test_on_another_machine_than_the_drivers_it_can_tell_only_what_it_sees(make: Make) -> None:
    witness = make(ANSWERS.replace('"$line"', "vmuster-8"))
    assert witness.held() is None
    assert (witness.holds(VM), witness.holds(OTHER)) == (True, None)


def test_a_question_under_way_ends_when_nobody_wants_to_know(make: Make, folder: Path) -> None:
    witness = make("echo $$ >> started; exec sleep 60")
    answer: list[bool | None] = []
    thread = threading.Thread(target=lambda: answer.append(witness.alive()))
    thread.start()
    deadline = time.monotonic() + 20
    while not ((folder / "started").exists() and started(folder)):
        assert time.monotonic() < deadline
    witness.close()
    thread.join(20)
    assert answer == [False]
    assert witness.alive() is False
    assert len(started(folder)) == 1


def test_no_witness_can_never_tell() -> None:
    witness = NoWitness()
    assert (witness.held(), witness.holds(VM), witness.alive()) == (None, None, None)
