"""`python -m vmuster.demo [--keep]`: play the story, on a stage that goes away with it."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from vmuster.demo.hosts import SessionHost, session_hosts
from vmuster.demo.narrator import Narrator
from vmuster.demo.stage import Operator, served
from vmuster.demo.story import Story
from vmuster.demo.verdict import conclude, print_explored

_NAMES: Final = ("alpha", "beta", "gamma")


def main() -> int:
    """0 where every promise was kept, 1 where one was broken, 130 where it was interrupted."""
    parser = argparse.ArgumentParser(
        prog="./dev demo",
        description="Hypervisors full of strangers' VMs, and an incident that does not happen.",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the stage up at the end, to explore it, until Ctrl-C",
    )
    keep = parser.parse_args().keep
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # SIGINT too: a script's background jobs are started with it ignored.
        signal.signal(number, _interrupt)
    try:
        return _play(Narrator(), keep=keep)
    except KeyboardInterrupt:
        print("interrupted; everything that was started is taken away", file=sys.stderr)  # noqa: T201
        return 130


def _play(narrator: Narrator, *, keep: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="vmuster-demo-") as folder:
        state = Path(folder)
        with session_hosts(3) as hosts, served(state) as server:
            operator = Operator(narrator, state)
            named: dict[str, SessionHost] = dict(zip(_NAMES, hosts, strict=True))
            story = Story(narrator, named, operator, server)
            try:
                story.tell()
                kept = conclude(story, narrator)
            except (TimeoutError, RuntimeError) as error:
                narrator.failure(str(error))
                narrator.plain(server.log.read_text(errors="replace")[-4000:])
                kept = False
            narrator.plain()
            narrator.plain(
                f"    {'All promises kept' if kept else 'NOT kept'}, in {narrator.seconds:.0f} s."
            )
            narrator.plain("    On hosts of your own: 'vmuster status', and docs/operating.md.")
            if keep:
                print_explored(operator, narrator)
                while True:
                    time.sleep(1)
    return 0 if kept else 1


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
