"""What the demo says: numbered steps, what it does by hand, and what vmuster says of it."""

import sys
import textwrap
import time
from typing import Final, TextIO

from vmuster.model.text import visible

_WIDTH: Final = 100


class Narrator:
    """Speaks on one stream; colour only on a terminal."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._colour = stream.isatty()
        self._begun = time.monotonic()
        self._step = 0

    @property
    def seconds(self) -> float:
        """Since the demo began to speak."""
        return time.monotonic() - self._begun

    def step(self, title: str) -> None:
        """A new step of the story."""
        self._step += 1
        self._say("", "")
        self._say(f"{self._step:2}. ", title, "1")

    def hand(self, what: str) -> None:
        """Something that the demo does by itself, behind vmuster's back."""
        self._say("    by hand   ", what, "33")

    def command(self, words: list[str]) -> None:
        """A command that an operator would type."""
        shown = " ".join(f"'{word}'" if " " in word or "(" in word else word for word in words)
        self._say("    $ ", f"vmuster {shown}", "36")

    def output(self, text: str) -> None:
        """What a command printed."""
        for line in text.rstrip("\n").splitlines():
            self._write(f"      {line}")

    def vmuster(self, what: str) -> None:
        """What vmuster wrote into its journal."""
        self._say("    vmuster   ", visible(what), "32")

    def fact(self, what: str) -> None:
        """What the demo checked with its own eyes."""
        self._say("    checked   ", what, "0")

    def failure(self, what: str) -> None:
        """What must not be."""
        self._say("    FAILED    ", what, "31;1")

    def plain(self, text: str = "") -> None:
        """Anything else."""
        for line in text.splitlines() or [""]:
            self._write(line)

    def _say(self, prefix: str, text: str, colour: str = "0") -> None:
        body = textwrap.wrap(text, _WIDTH - len(prefix)) or [""]
        for number, line in enumerate(body):
            lead = prefix if number == 0 else " " * len(prefix)
            self._write(f"\x1b[{colour}m{lead}{line}\x1b[0m" if self._colour else lead + line)

    def _write(self, line: str) -> None:
        _ = self._stream.write(f"{line.rstrip()}\n")
        self._stream.flush()
