"""Talks with another program: bounded in time and size, and nothing of it stays."""

import os
import time
from pathlib import Path

import pytest

from vmuster.drivers.ssh.calls import Call, answer_of
from vmuster.ports.driver import DriverError

ECHO = ["/bin/sh", "-c", 'while read -r line; do printf "%s\\n" "$line"; done']


def test_an_answer_is_what_is_written_until_the_end() -> None:
    assert answer_of(["/bin/echo", "-n", "a b"], seconds=10, bytes_max=10) == b"a b"
    assert answer_of(["/bin/false"], seconds=10, bytes_max=10) == b""


def test_where_its_status_counts_it_is_looked_at() -> None:
    for script, status in (("exit 1", "1"), ("kill -9 $$", "None")):
        command = ["/bin/sh", "-c", f"echo x; {script}"]
        assert answer_of(command, seconds=10, bytes_max=10) == b"x\n"
        with pytest.raises(DriverError, match=f"failed, with status {status}"):
            answer_of(command, seconds=10, bytes_max=10, statuses=(0,))
    assert answer_of(["/bin/false"], seconds=10, bytes_max=10, statuses=(0, 1)) == b""


def test_one_that_says_no_more_and_does_not_end_is_killed() -> None:
    with pytest.raises(DriverError, match="no answer"):
        answer_of(["/bin/sh", "-c", "exec sleep 60 >&-"], seconds=0.2, bytes_max=10)


def test_a_talk_goes_on_after_an_answer() -> None:
    call = Call(ECHO)
    for word in (b"one\n", b"two\n"):
        call.say(word)
        assert call.hear(seconds=10, bytes_max=100, end=word) == word
    assert call.running
    call.kill()
    while call.running:
        pass
    call.end()


def test_who_does_not_answer_in_time_is_killed() -> None:
    call = Call(ECHO)
    before = time.monotonic()
    with pytest.raises(DriverError, match=r"no answer within 0\.2 s") as raised:
        call.hear(seconds=0.2, bytes_max=100, end=b"never")
    assert raised.value.broken
    assert time.monotonic() - before < 5
    call.end()


def test_what_it_started_is_killed_with_it() -> None:
    call = Call(["/bin/sh", "-c", "sleep 60 & exec sleep 60"])
    with pytest.raises(DriverError, match="no answer"):
        call.hear(seconds=0.2, bytes_max=100)
    call.end()


def test_who_has_ended_is_no_trouble_to_end() -> None:
    call = Call(["/bin/true"])
    assert call.hear(seconds=10, bytes_max=100) == b""
    call.end()
    call.kill()


def test_who_is_killed_meanwhile_is_heard_no_more() -> None:
    call = Call(ECHO)
    call.kill()
    with pytest.raises(DriverError, match="ended before"):
        call.hear(seconds=10, bytes_max=100, end=b"never")
    while call.running:
        pass
    with pytest.raises(DriverError, match="has ended"):
        call.say(b"x\n")
    call.end()


def test_who_says_too_much_is_not_listened_to() -> None:
    with pytest.raises(DriverError, match="more than 1000 bytes"):
        answer_of(["/bin/sh", "-c", "while :; do echo xxxxxxxx; done"], seconds=10, bytes_max=1000)


def test_a_program_that_is_not_there_is_said() -> None:
    with pytest.raises(DriverError, match="can't be run"):
        Call(["/no/such/program"])


def test_no_variable_of_ours_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSH_ASKPASS", "LD_PRELOAD_X", "LIBVIRT_DEFAULT_URI"):
        monkeypatch.setenv(name, "canary")
    told = answer_of(["/usr/bin/env"], seconds=10, bytes_max=10_000).decode()
    assert "canary" not in told
    assert f"PATH={os.environ['PATH']}" in told


def test_no_file_stays_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        answer_of(["/bin/true"], seconds=10, bytes_max=10)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
