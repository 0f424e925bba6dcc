"""The settings of a policy on the command line: read, their help, and their completion."""

from collections.abc import Callable, Iterable
from typing import Any

import click
from click import Context, Parameter
from click.shell_completion import CompletionItem

from vmuster.model.policy import FleetPolicy, Policy, allowed_values

_Kind = type[Policy] | type[FleetPolicy]


def pairs(settings: Iterable[str]) -> dict[str, Any]:
    """`SETTING=VALUE`, each, as a dictionary; the values are read by the server."""
    split = [setting.partition("=") for setting in settings]
    if not all(setting and equals for setting, equals, _value in split):
        raise click.UsageError("each setting is SETTING=VALUE, such as drift=enforce")
    return {setting: value for setting, _, value in split}


def settings_help(kind: _Kind = Policy) -> str:
    """One line for each setting: its name, what it may be, and its default."""
    names = kind.__struct_fields__
    width = max(map(len, names))
    lines = [f"  {name:{width}} {allowed_values(name, kind)}" for name in names]
    return "\b\nSettings:\n" + "\n".join(lines)


def completion_of(kind: _Kind) -> Callable[[Context, Parameter, str], list[CompletionItem]]:
    """Completes `SETTING=`, and after it the values where they are words."""

    def complete(_context: Context, _parameter: Parameter, typed: str) -> list[CompletionItem]:
        return _settings(kind, typed)

    return complete


def _settings(kind: _Kind, typed: str) -> list[CompletionItem]:
    names = kind.__struct_fields__
    name, equals, _value = typed.partition("=")
    if not equals:
        return [CompletionItem(f"{each}=") for each in names if each.startswith(typed)]
    if name not in names:
        return []
    values = allowed_values(name, kind).partition(" [")[0]
    offered = [] if " from " in values else [f"{name}={word}" for word in values.split(", ")]
    return [CompletionItem(each) for each in offered if each.startswith(typed)]
