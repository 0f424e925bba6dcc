"""What commands share that speak to a server: where it is, how to print, what went wrong."""

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import click
import msgspec
from click.core import ParameterSource

from vmuster.cli.printing import Form, Output
from vmuster.model.text import visible

if TYPE_CHECKING:
    from vmuster.client.rest import Client

_R = TypeVar("_R")
STATE_VARIABLE: Final = "VMUSTER_STATE_DIR"
_HINT: Final = "see 'vmuster --help'; nothing was changed"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """The server that is meant, as far as it was said: the rest is in the environment and files."""

    url: str = ""
    key: str = ""


class Failed(click.ClickException):
    """Refused or failed: one line that says what, one that says what to do. Exit status 1."""

    exit_code = 1

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint

    def show(self, file: IO[str] | None = None) -> None:
        """Both lines, on stderr; whatever the server said, they stay two lines."""
        click.echo(f"vmuster: {visible(self.message)}", err=True, file=file)
        click.echo(f"what to do: {visible(self.hint or _HINT)}", err=True, file=file)


def words(kind: type[StrEnum]) -> list[str]:
    """The words of a kind, as choices: lower case, as everywhere in vmuster."""
    return [word.value for word in kind]


def not_empty(context: click.Context, parameter: click.Parameter, word: str) -> str:
    """Refuses an empty word that was said: it comes of a variable that was never set, and must not
    be taken for everything there is."""
    told = context.get_parameter_source(parameter.name or "")
    if not word and told is not ParameterSource.DEFAULT:
        raise click.BadParameter("it is empty", ctx=context, param=parameter)
    return word


def prints(command: Callable[..., _R]) -> Callable[..., _R]:
    """A command that prints data: `-o` and its kin, as the argument `out`."""

    @click.option(
        "-o",
        "--output",
        "form",
        type=click.Choice(words(Form)),
        default=Form.TABLE.value,
        show_default=True,
        help="How to print: for people, for programs, or names alone.",
    )
    @wraps(command)
    def printing(*args: Any, form: str, **said: Any) -> _R:
        return command(*args, out=Output(form=Form(form)), **said)

    return printing


def speaks(command: Callable[..., _R]) -> Callable[..., _R]:
    """A command that speaks to a server and prints: the arguments `server` and `out`."""

    @prints
    @click.option("--url", default="", metavar="URL", help="The server. [env: VMUSTER_URL]")
    @click.option(
        "--key",
        default="",
        metavar="KEY",
        help="The key to it; better given by VMUSTER_API_KEY, or by a client.toml.",
    )
    @wraps(command)
    def speaking(*args: Any, url: str, key: str, **said: Any) -> _R:
        return command(*args, server=Server(url=url, key=key), **said)

    return speaking


def server_meant(said: Mapping[str, Any]) -> "Server":
    """The server that a command line means, by what was said of it so far."""
    return Server(url=str(said.get("url") or ""), key=str(said.get("key") or ""))


def fresh_key() -> str:
    """A key that makes this request one, however often it has to be sent."""
    from vmuster.wiring.clock import SystemClock

    return str(SystemClock().uuid())


@contextmanager
def connected(server: Server, *, patience: float | None = None) -> "Generator[Client]":
    """A client of the server that is meant; what goes wrong with it becomes `Failed`.

    `patience`: seconds for an answer, where the usual are not wanted.
    """
    from vmuster.client.errors import ClientError
    from vmuster.client.profile import load_profile
    from vmuster.client.rest import Client

    try:
        profile = load_profile(
            url=server.url, key=server.key, environ=os.environ, files=_profile_files()
        )
        with Client(profile) if patience is None else Client(profile, patience=patience) as client:
            yield client
    except ClientError as error:
        raise Failed(str(error), hint=error.hint) from error


def state_dir() -> Path:
    """The state folder of a server on this machine: where it is told to be, else the usual one."""
    from vmuster.wiring.settings import default_state_dir

    told = os.environ.get(STATE_VARIABLE)
    return Path(told) if told else default_state_dir()


def _profile_files() -> list[Path]:
    from vmuster.client.profile import FILE_NAME

    config = os.environ.get("XDG_CONFIG_HOME")
    home = Path(config) if config else Path.home() / ".config"
    return [home / "vmuster" / FILE_NAME, state_dir() / FILE_NAME]
