"""What commands share that work on a server's state folder itself, on the server's machine."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from vmuster.cli.asking.progressing import progress
from vmuster.cli.asking.speaking import Failed
from vmuster.model.errors import VmusterError

if TYPE_CHECKING:
    from vmuster.wiring.settings.table import Settings

_R = TypeVar("_R")
_PERCENT = 100


class Place:
    """A server's settings as they were said, read when they are needed."""

    def __init__(self, state_dir: Path | None, config: Path | None) -> None:
        self.said = state_dir is not None or config is not None
        self._flags = {"state_dir": state_dir} if state_dir is not None else {}
        self._config = config

    def settings(self) -> "Settings":
        """The settings. Raises `Refused`."""
        from vmuster.wiring.settings.configuring import configure

        return configure(flags=self._flags, environ=os.environ, config=self._config).settings


def at_state_folder(command: Callable[..., _R]) -> Callable[..., _R]:
    """A command that works on a state folder: the argument `place`."""

    @click.option(
        "--state-dir",
        type=click.Path(path_type=Path),
        help="The server's state folder. [env: VMUSTER_STATE_DIR]",
    )
    @click.option(
        "--config",
        type=click.Path(path_type=Path),
        help="The server's file of settings, as 'vmuster serve' is given it.",
    )
    @wraps(command)
    def placed(*args: Any, state_dir: Path | None, config: Path | None, **said: Any) -> _R:
        return command(*args, place=Place(state_dir, config), **said)

    return placed


@contextmanager
def here() -> Generator[None]:
    """Errors of the work on this machine become `Failed`."""
    try:
        yield
    except VmusterError as error:
        raise Failed(error.message, hint=error.hint) from error
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        raise Failed(
            f"the machine refuses{place}: {error.strerror}",
            hint="see to the disk, the owner and the mode; run it as the server's user",
        ) from error


@contextmanager
def told(what: str) -> Generator[Callable[[int, int], None]]:
    """Shows how work goes on of which one hears how much of how much is done."""
    with progress(what, _PERCENT) as steps:
        shown = 0

        def tell(done: int, all_: int) -> None:
            nonlocal shown
            share = _PERCENT * done // max(all_, 1)
            for _ in range(share - shown):
                steps.step()
            shown = max(share, shown)

        yield tell
