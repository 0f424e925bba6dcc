"""`--watch`: a state is shown again when it has changed, until it is ended."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO, Any

import pytest

from tests.served import KEYS, Served
from vmuster.cli.asking.speaking import Failed, Server
from vmuster.cli.asking.watching import ASK_SECONDS, Bell, keep_showing, listen
from vmuster.cli.printing.forms import Form, Output, print_told
from vmuster.model.host import Host

PATIENCE_SECONDS = 20.0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Enough(BaseException):
    """Ends a watch."""


class Ticks(Bell):
    """Rings at once, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def wait(self, seconds: float) -> None:
        assert seconds >= ASK_SECONDS
        self._times -= 1
        if not self._times:
            raise Enough


def watched(states: Iterator[Any], times: int, form: Form) -> None:
    def show(out: Output) -> None:
        state = next(states)
        if isinstance(state, Failed):
            raise state
        print_told(state, out, names=[], told=lambda: [json.dumps(state)])

    with pytest.raises(Enough):
        keep_showing(show, Output(form=form), Ticks(times))


@pytest.mark.parametrize("form", [Form.TABLE, Form.JSON])
def test_piped_each_new_state_is_one_line_and_an_age_makes_none(
    capsys: pytest.CaptureFixture[str], form: Form
) -> None:
    states = [{"n": 1, "age_seconds": 1}, {"n": 1, "age_seconds": 2}, {"n": 2, "age_seconds": 3}]
    watched(iter(states), 3, form)
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [states[0], states[2]]


def test_a_terminal_is_drawn_in_place_when_anything_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    states = [{"age_seconds": 1}, {"age_seconds": 1}, {"age_seconds": 2}]
    watched(iter(states), 3, Form.TABLE)
    assert terminal.getvalue() == "".join(
        f'\x1b[H\x1b[J{{"age_seconds": {age}}}\n' for age in (1, 2)
    )


def test_more_than_a_screen_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "5")

    def show(_out: Output) -> None:
        for number in range(9):
            print(f"line {number}")  # noqa: T201 - what a command prints

    with pytest.raises(Enough):
        keep_showing(show, Output(), Ticks(1))
    drawn = terminal.getvalue().removeprefix("\x1b[H\x1b[J").splitlines()
    assert drawn == ["line 0", "line 1", "line 2", "... and 6 more lines"]


def test_a_server_that_is_started_anew_is_asked_on(capsys: pytest.CaptureFixture[str]) -> None:
    gone = Failed("no server answers", passes=True)
    watched(iter([{"n": 1}, gone, gone, {"n": 1}, {"n": 2}]), 5, Form.TABLE)
    told = capsys.readouterr()
    assert told.out == '{"n": 1}\n{"n": 2}\n'
    assert told.err.count("no server answers") == 1


@pytest.mark.parametrize(
    "states", [[Failed("no server answers", passes=True)], [{"n": 1}, Failed("refused")]]
)
def test_what_does_not_pass_ends_it(states: list[Any]) -> None:
    with pytest.raises(Failed):
        watched(iter(states), 3, Form.TABLE)


def test_a_bell_ends_the_wait() -> None:
    bell = Bell()
    threading.Timer(0.05, bell.ring).start()
    began = time.monotonic()
    bell.wait(PATIENCE_SECONDS)
    assert time.monotonic() - began < PATIENCE_SECONDS / 2
    bell.wait(0.01)


def test_an_event_rings_the_bell(world: Served, alpha: Host) -> None:
    rung = threading.Event()

    class Loud(Bell):
        def ring(self) -> None:
            rung.set()

    server = Server(url=world.url, key=KEYS["anna"])
    threading.Thread(target=listen, args=(server, Loud()), daemon=True).start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    with world.client() as client:
        while not rung.wait(0.2):
            assert time.monotonic() < deadline
            client.set_automation("fleet", "", armed=False)
            client.set_automation("fleet", "", armed=True)
    listen(Server(url=world.url, key="wrong"), Loud())


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "vmuster.cli", *words]


def environ(world: Served) -> dict[str, str]:
    return {**os.environ, "VMUSTER_URL": world.url, "VMUSTER_API_KEY": KEYS["anna"]}


def line(stream: IO[str]) -> str:
    """The next line of a stream; an empty one if there is none in time."""
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(PATIENCE_SECONDS)
    return got[0] if got else ""


def test_a_list_is_watched_through_a_pipe_and_ended(world: Served, alpha: Host) -> None:
    words = command("vm", "list", "--watch", "-o", "json")
    with subprocess.Popen(
        words, env=environ(world), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watch:
        assert watch.stdout is not None
        assert watch.stderr is not None
        assert json.loads(line(watch.stdout)) == []
        vm = world.appear(alpha, "new\x1b")
        assert [each["uuid"] for each in json.loads(line(watch.stdout))] == [str(vm)]
        watch.send_signal(signal.SIGINT)
        assert watch.wait(PATIENCE_SECONDS) == 130
        assert watch.stderr.read().strip() == ""


@pytest.mark.parametrize("words", [("status",), ("vm", "list"), ("host", "list", "-o", "wide")])
def test_on_a_real_terminal_it_is_drawn_and_ended(
    world: Served, alpha: Host, words: tuple[str, ...]
) -> None:
    ours, theirs = pty.openpty()
    watch = subprocess.Popen(
        command(*words, "-w"), env=environ(world), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    drawn = until(ours, lambda drawn: b"alpha" in drawn or b"1 up" in drawn)
    assert b"\x1b[H\x1b[J" in drawn
    watch.send_signal(signal.SIGINT)
    assert watch.wait(PATIENCE_SECONDS) == 130
    os.close(ours)


def until(terminal: int, so: Callable[[bytes], bool]) -> bytes:
    """What was drawn, once it is so."""
    os.set_blocking(terminal, False)
    drawn, deadline = b"", time.monotonic() + PATIENCE_SECONDS
    while not so(drawn):
        assert time.monotonic() < deadline, drawn
        try:
            drawn += os.read(terminal, 65536)
        except BlockingIOError:
            time.sleep(0.02)
    return drawn
