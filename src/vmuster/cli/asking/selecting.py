"""Which things of a list the server is asked for: its own filters, and how many at most."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Final, TypeVar

import click

from vmuster.cli.asking.completing import complete_cluster, complete_host, complete_vm
from vmuster.cli.asking.speaking import not_empty, words
from vmuster.model.states import (
    DesiredState,
    HostHealth,
    HostMode,
    OperationKind,
    OperationState,
    PowerState,
    Standing,
    VmPhase,
)

_R = TypeVar("_R")
Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def _named(name: str, complete: Any, said: str) -> Option:
    return click.option(
        f"--{name}", default="", callback=not_empty, shell_complete=complete, help=said
    )


def _one_of(name: str, kind: type[StrEnum], said: str) -> Option:
    return click.option(f"--{name}", type=click.Choice(words(kind)), help=said)


_HOST: Final = _named("host", complete_host, "Only of this host.")
_CLUSTER: Final = _named("cluster", complete_cluster, "Only of this cluster.")
_LIMIT: Final = click.option("-n", "--limit", type=click.IntRange(1), help="No more than so many.")
_NEWEST: Final = click.option(
    "-n", "--limit", type=click.IntRange(1), default=50, show_default=True, help="So many."
)
VMS: Final = (
    _HOST,
    _CLUSTER,
    _one_of("standing", Standing, "Only what stands so to us."),
    _one_of("power", PowerState, "Only what is so."),
    _one_of("desired", DesiredState, "Only what is asked to be so."),
    _one_of("phase", VmPhase, "Only what is recorded so."),
    click.option("--name", default="", callback=not_empty, help="Only with exactly this name."),
    _LIMIT,
)
HOSTS: Final = (
    _CLUSTER,
    _one_of("mode", HostMode, "Only in this mode."),
    _one_of("health", HostHealth, "Only of this health."),
    _LIMIT,
)
OPERATIONS: Final = (
    _one_of("state", OperationState, "Only in this state."),
    _one_of("kind", OperationKind, "Only of this kind."),
    _named("vm", complete_vm, "Only of this VM; it may be gone."),
    _HOST,
    click.option("--actor", default="", callback=not_empty, help="Only what this key asked for."),
    _NEWEST,
)


def selects(options: tuple[Option, ...]) -> Callable[[Callable[..., _R]], Callable[..., _R]]:
    """A command that lists what fits: what was said of it is its argument `chosen`, as the client's
    method takes it."""

    def with_options(command: Callable[..., _R]) -> Callable[..., _R]:
        @wraps(command)
        def selecting(*args: Any, **said: Any) -> _R:
            chosen = {name: said.pop(name) for name in names}
            return command(
                *args,
                chosen={name: value for name, value in chosen.items() if value not in (None, "")},
                **said,
            )

        before = len(_parameters(command))
        optioned: Callable[..., _R] = selecting
        for option in reversed(options):
            optioned = option(optioned)
        names = [parameter.name for parameter in _parameters(optioned)[before:]]
        return optioned

    return with_options


def _parameters(command: Callable[..., Any]) -> list[click.Parameter]:
    """What click has been told of a command so far."""
    return list(getattr(command, "__click_params__", ()))
