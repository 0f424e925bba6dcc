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
from click.shell_completion import CompletionItem
from msgspec.structs import replace

from vmuster.cli.printing.forms import Form, Output
from vmuster.model.text import visible
from vmuster.wiring.settings.places import CLIENT, default_state_dir

if TYPE_CHECKING:
    from vmuster.client.rest import Client

_R = TypeVar("_R")
STATE_VARIABLE: Final = "VMUSTER_STATE_DIR"
_COLOURS: Final = {"auto": None, "always": True, "never": False}
_UNNOTICED_SECONDS: Final = 2.0
_NOT_FOUND, _NO_GOOD_KEY = 404, 401
_NEW_KEY: Final = (
    "say a key that it knows, by VMUSTER_API_KEY or a context: vmuster context add --help"
)
_HINT: Final = "see 'vmuster --help'; nothing was changed"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """The server that is meant, as far as it was said: the rest is in the environment and files.

    `dry_run`: what would change something is only rehearsed.
    """

    url: str = ""
    key: str = ""
    context: str = ""
    dry_run: bool = False


class Failed(click.ClickException):
    """Refused or failed: one line that says what, one that says what to do. Exit status 1.

    `passes`: whether it was only that nobody answered, which may be otherwise a moment later.
    """

    exit_code = 1

    def __init__(self, what: str, *, hint: str = "", passes: bool = False) -> None:
        super().__init__(what)
        self.hint = hint
        self.passes = passes

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


def _contexts(
    context: click.Context, parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    from vmuster.cli.asking.completing import complete_context

    return complete_context(context, parameter, typed)


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
    @click.option(
        "--color",
        type=click.Choice(list(_COLOURS)),
        default="auto",
        show_default=True,
        help="Colours; auto: on a terminal. [env: NO_COLOR]",
    )
    @wraps(command)
    def printing(*args: Any, form: str, color: str, **said: Any) -> _R:
        return command(*args, out=Output(form=Form(form), colour=_COLOURS[color]), **said)

    return printing


def speaks(command: Callable[..., _R]) -> Callable[..., _R]:
    """A command that speaks to a server and prints: the arguments `server` and `out`."""

    @prints
    @click.option("--url", default="", metavar="URL", help="The server. [env: VMUSTER_URL]")
    @click.option(
        "--key",
        default="",
        metavar="KEY",
        help="The key to it; better given by VMUSTER_API_KEY, or by a context.",
    )
    @click.option(
        "--context",
        default="",
        metavar="NAME",
        shell_complete=_contexts,
        help="The server of this context. [env: VMUSTER_CONTEXT]",
    )
    @wraps(command)
    def speaking(*args: Any, url: str, key: str, context: str, **said: Any) -> _R:
        return command(*args, server=Server(url=url, key=key, context=context), **said)

    return speaking


def changes(command: Callable[..., _R]) -> Callable[..., _R | None]:
    """A command that changes something, as `speaks`; with `--dry-run` it is only rehearsed.

    The first request that would change something ends it, and what that would do is printed. There
    is nothing to be sure of then, so nobody is asked: `yes`, where the command has it, is true.
    """

    @speaks
    @click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
    @wraps(command)
    def changing(*args: Any, server: Server, out: Output, dry_run: bool, **said: Any) -> _R | None:
        from vmuster.client.errors import Rehearsed

        if not dry_run:
            return command(*args, server=server, out=out, **said)
        if "yes" in said:
            said["yes"] = True
        try:
            return command(*args, server=replace(server, dry_run=True), out=out, **said)
        except Rehearsed as rehearsed:
            from vmuster.cli.printing.rehearsing import print_rehearsal

            print_rehearsal(rehearsed.document, out)
            return None

    return changing


def server_meant(said: Mapping[str, Any]) -> "Server":
    """The server that a command line means, by what was said of it so far."""
    url, key, context = (str(said.get(name) or "") for name in ("url", "key", "context"))
    return Server(url=url, key=key, context=context)


def fresh_key() -> str:
    """A key that makes this request one, however often it has to be sent."""
    from vmuster.wiring.outside.clock import SystemClock

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
            url=server.url,
            key=server.key,
            context=server.context,
            environ=os.environ,
            **_profiles(),
            contexts=contexts_file(),
        )
        chosen = {} if patience is None else {"patience": patience}
        with Client(profile, dry_run=server.dry_run, waiting=say_waiting, **chosen) as client:
            try:
                yield client
            except ClientError as error:
                if error.status == _NO_GOOD_KEY:
                    raise Failed(str(error), hint=_NEW_KEY) from error
                if error.status != _NOT_FOUND:
                    raise
                raise Failed(str(error), hint=_with_near_names(client, error.hint)) from error
    except ClientError as error:
        raise Failed(str(error), hint=error.hint, passes=error.status is None) from error
    except KeyError as missing:
        raise Failed(
            f"the server's answer lacks {missing}",
            hint="is the server older than this command line? see 'vmuster version'",
        ) from missing


def say_waiting(seconds: float) -> None:
    """Tell whoever sits there why nothing happens; what is over at once is no news."""
    if seconds > _UNNOTICED_SECONDS:
        click.echo(f"the server has much to do; waiting for {seconds:.0f} s, as it asks", err=True)


def _with_near_names(client: "Client", hint: str) -> str:
    """The hint, and the names that are near to what was typed."""
    from vmuster.cli.asking.suggesting import near_names

    context = click.get_current_context(silent=True)
    return near_names(client, hint, context.params.values() if context else ())


def _profiles() -> dict[str, list[Path]]:
    """The client.toml of a server on this machine, as `load_profile` takes it: in a state folder
    that was named it counts more than the context in use, in the usual one less."""
    counts = "nearest" if os.environ.get(STATE_VARIABLE) else "files"
    return {"files": [], counts: [state_dir() / CLIENT]}


def state_dir() -> Path:
    """The state folder of a server on this machine: where it is told to be, else the usual one."""
    told = os.environ.get(STATE_VARIABLE)
    return Path(told) if told else default_state_dir()


def contexts_file() -> Path:
    """The file of this person's contexts, whether it is there or not."""
    config = os.environ.get("XDG_CONFIG_HOME")
    home = Path(config) if config else Path.home() / ".config"
    return home / "vmuster" / "contexts.toml"
