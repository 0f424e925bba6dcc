"""What commands share that show a state: `--watch` shows it again whenever it has changed.

On a terminal it is drawn in place, and ages go on by themselves; elsewhere each new state follows
the one before, and an age alone makes no new state. The server's events say when to ask again; one
that has none to give is asked every two seconds.
"""

import shutil
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from functools import wraps
from io import StringIO
from typing import Any, Final, NoReturn, TypeVar, cast

import click
from msgspec.structs import replace

from vmuster.cli.asking.speaking import Failed, Server, connected, speaks
from vmuster.cli.printing.forms import Output, is_terminal
from vmuster.cli.printing.moments import present
from vmuster.cli.printing.tables import in_colours
from vmuster.model.text import counted

_R = TypeVar("_R")
ASK_SECONDS: Final = 2.0
"""How long a state is left unasked where no event tells of a change."""
_REST: Final = 10.0
"""A state that took long to get is left unasked for so many times as long."""
_TOGETHER_SECONDS: Final = 0.2
"""Events come in swarms: so long they are gathered before the server is asked once for all."""
_AGEING: Final = frozenset(
    {"age_seconds", "quiet_seconds", "last_report_at", "last_complete_at", "seen_at", "sequence"}
)
"""Fields that change while nothing happens."""
_HOME_AND_CLEAR: Final = "\x1b[H\x1b[J"


class Bell:
    """Rung when something has happened."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self) -> None:
        """Something has happened."""
        self._rung.set()

    def wait(self, seconds: float) -> None:
        """Wait until it is rung, and a moment more for what comes with it; but no longer than so
        many seconds."""
        if self._rung.wait(seconds):
            threading.Event().wait(_TOGETHER_SECONDS)
        self._rung.clear()


def watches(command: Callable[..., _R]) -> Callable[..., _R | None]:
    """A command that shows a state, as `speaks`; with `--watch` it goes on until it is ended."""

    @speaks
    @click.option("-w", "--watch", is_flag=True, help="Go on, and show each change; Ctrl-C ends.")
    @wraps(command)
    def watching(*args: Any, server: Server, out: Output, watch: bool, **said: Any) -> _R | None:
        def show(out: Output) -> None:
            command(*args, server=server, out=out, **said)

        if not watch:
            return command(*args, server=server, out=out, **said)
        bell = Bell()
        threading.Thread(target=listen, args=(server, bell), daemon=True).start()
        return keep_showing(show, out, bell)

    return watching


def keep_showing(show: Callable[[Output], None], out: Output, bell: Bell) -> NoReturn:
    """Show a state by `show`, and again when it has changed, until interrupted.

    A server that does not answer any more (it is started anew) is told about, and asked on.
    """
    shown: object = None
    trouble = ""
    while True:
        began = present()
        try:
            text, state = _seen(show, out)
        except Failed as failure:
            if shown is None or not failure.passes:
                raise
            if failure.message != trouble:
                failure.show()
                trouble, shown = failure.message, "" if is_terminal() else shown
        else:
            news, trouble = (text, "") if is_terminal() else (state, "")
            if news != shown:
                sys.stdout.write(_on_one_screen(text) if is_terminal() else text)
                sys.stdout.flush()
                shown = news
        bell.wait(max(ASK_SECONDS, _REST * (present() - began)))


def _on_one_screen(text: str) -> str:
    """What draws a text in place: as many lines of it as there is room for."""
    lines, room = text.splitlines(), shutil.get_terminal_size().lines - 1
    if len(lines) > room:
        lines = [*lines[: room - 1], f"... and {counted(len(lines) - room + 1, 'more line')}"]
    return _HOME_AND_CLEAR + "\n".join([*lines, ""])


def _seen(show: Callable[[Output], None], out: Output) -> tuple[str, object]:
    """What is to be shown now, and the state of things that it shows."""
    documents: list[object] = []
    width = shutil.get_terminal_size().columns if is_terminal() else out.width
    drawn = replace(
        out, colour=in_colours(out), width=width, one_line=True, notice=documents.append
    )
    with redirect_stdout(StringIO()) as text:
        show(drawn)
    return text.getvalue(), _lasting(documents)


def _lasting(value: object) -> object:
    """`value` without what changes while nothing happens."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {name: _lasting(inner) for name, inner in fields.items() if name not in _AGEING}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_lasting(inner) for inner in cast("Sequence[object]", value)]
    return value


def listen(server: Server, bell: Bell) -> None:
    """Ring whenever the server tells an event; where it tells none, that is passed over."""
    with suppress(Exception), connected(server) as client:
        for _event in client.events():
            bell.ring()
