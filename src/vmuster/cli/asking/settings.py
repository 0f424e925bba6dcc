"""The settings of a policy on the command line: read, their help, their completion, and what a
change has changed."""

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

import click
from click import Context, Parameter
from click.shell_completion import CompletionItem

from vmuster.cli.printing.columns import SETTINGS
from vmuster.cli.printing.forms import Item, Output, Shape, print_item, print_items
from vmuster.model import policy
from vmuster.model.policy import FleetPolicy, Policy, allowed_values
from vmuster.wiring.settings.meanings import meanings as meanings_of

_Kind = type[Policy] | type[FleetPolicy]
_LAW: Final = re.compile(r" \([A-Z]\d+\)")
_CONSTANT: Final = re.compile(r"`([A-Z_]+)`")


def pairs(settings: Iterable[str], kind: _Kind = Policy) -> dict[str, Any]:
    """`SETTING=VALUE`, each, as a dictionary; the values are read by the server. A name that is
    near to one of `kind` is taken for a slip; any other the server may know."""
    split = [setting.partition("=") for setting in settings]
    if not all(setting and equals for setting, equals, _value in split):
        raise click.UsageError("each setting is SETTING=VALUE, such as drift=enforce")
    twice = [name for name, times in Counter(name for name, _, _ in split).items() if times > 1]
    if twice:
        raise click.UsageError(f"{', '.join(twice)}: said more than once")
    for setting, _, _value in split:
        near = get_close_matches(setting, kind.__struct_fields__, n=1)
        if near and near[0] != setting:
            raise click.UsageError(f"there is no setting {setting}. Did you mean {near[0]!r}?")
    return {setting: value for setting, _, value in split}


def print_with_policy(item: Item, shape: Shape, out: Output) -> None:
    """Print a fleet or a cluster; for people, with a table of the settings of its policy."""
    print_item(item, shape, out)
    if out.for_people:
        click.echo()
        lines = [{"setting": name, "value": value} for name, value in item["policy"].items()]
        print_items(lines, SETTINGS, out)


def print_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """What differs between two policies: a line for each setting, or one that nothing does."""
    changed = [name for name in after if after[name] != before[name]]
    for name in changed:
        click.echo(f"{name}: {_text(before[name])} → {_text(after[name])}")
    if not changed:
        click.echo("nothing is changed: it was so already")


def settings_help(kind: _Kind = Policy, *, meanings: bool = False) -> str:
    """For each setting its name, what it may be and its default; and, if wanted, what it means."""
    names = kind.__struct_fields__
    width = max(map(len, names))
    meant = meanings_of(kind) if meanings else {}
    lines: list[str] = []
    for name in names:
        lines.append(f"  {name:{width}} {allowed_values(name, kind)}")
        lines += textwrap.wrap(
            _plain(meant.get(name, "")), 78, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
    return "\b\nSettings:\n" + "\n".join(lines)


def setting(kind: _Kind) -> type[click.Command]:
    """A command that sets a policy: its help says what each setting means."""

    class Setting(click.Command):
        def format_epilog(self, ctx: Context, formatter: click.HelpFormatter) -> None:
            self.epilog = settings_help(kind, meanings=True)
            super().format_epilog(ctx, formatter)

    return Setting


def _plain(docstring: str) -> str:
    """A docstring for those who run a fleet: without the names of laws, constants as numbers."""

    def number(constant: re.Match[str]) -> str:
        unit = " s" if constant[1].endswith("_SECONDS") else ""
        return f"{getattr(policy, constant[1]):g}{unit}"

    return _LAW.sub("", _CONSTANT.sub(number, " ".join(docstring.split())))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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
