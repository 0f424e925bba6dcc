"""Whether a person really wants it: asked on a terminal only, and never guessed."""

import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from vmuster.cli.asking.speaking import Failed
from vmuster.model.text import visible

_P = ParamSpec("_P")
_R = TypeVar("_R")


def yes_option(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """`--yes`, as the argument `yes`."""
    return click.option("-y", "--yes", is_flag=True, help="Do not ask.")(command)


def confirm(what: str, *, yes: bool) -> None:
    """Go on only where it is wanted. `what`: what is going to happen, as a sentence.

    Raises `Failed` where nobody can be asked, or where the answer is no.
    """
    if yes:
        return
    if not can_ask():
        raise Failed(f"not done: {what}", hint="say --yes if that is what you want")
    if not agreed(what):
        raise Failed("not done: you said no", hint="nothing was changed")


def can_ask() -> bool:
    """Whether a person sits there."""
    return sys.stdin.isatty()


def agreed(what: str) -> bool:
    """What a person answers, on a terminal; stdout is left to data."""
    return click.confirm(f"{visible(what)} Go on?", default=False, err=True)
