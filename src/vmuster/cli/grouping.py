"""The commands as one: in sections, under the names that people try, and how they end."""

import sys
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from difflib import get_close_matches
from typing import Any, Final, cast

import click

INTERRUPTED: Final = 130
_HELP: Final = ("-h", "--help")
STATUSES: Final = (
    ("0", "done"),
    ("1", "refused or failed; 'what to do' says what to do"),
    ("2", "the command line was not understood"),
    ("130", "interrupted"),
)


class Commands(click.Group):
    """All commands. `sections`: which stand under which heading in the help.

    A noun in the plural is the noun, and alone its list: `vmuster vms`. `ls` is `list`.
    """

    def __init__(self, *args: Any, sections: Mapping[str, Sequence[str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.sections = sections

    def put(self, command: click.Command) -> None:
        """Add a command, and what belongs to every one."""
        _walk(command, _suggest_words)
        _walk(command, _alias_list)
        self.add_command(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words mean."""
        return super().resolve_command(ctx, self._singular(args))

    def _singular(self, words: list[str]) -> list[str]:
        noun, rest = words[0].removesuffix("s"), words[1:]
        group = self.commands.get(noun)
        if words[0] in self.commands or not isinstance(group, click.Group):
            return words
        alone = not rest or (rest[0].startswith("-") and rest[0] not in _HELP)
        return [noun, "list", *rest] if alone and "list" in group.commands else [noun, *rest]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click calls it so
        """The commands, section by section; then the exit statuses."""
        width = max(map(len, self.commands))
        for heading, names in self.sections.items():
            rows = [
                (
                    f"{name:{width}}",
                    self.commands[name].get_short_help_str(formatter.width - width - 6),
                )
                for name in names
                if name in self.commands
            ]
            with formatter.section(heading):
                formatter.write_dl(rows)
        with formatter.section("Exit status"):
            formatter.write_dl([(f"{status:{width}}", meaning) for status, meaning in STATUSES])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; one that is interrupted ends with the status that says so."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo(file=sys.stderr)
            ctx.exit(INTERRUPTED)
        except click.Abort as asked:
            if isinstance(asked.__context__, KeyboardInterrupt):
                ctx.exit(INTERRUPTED)
            raise


class _Words(click.Choice[str]):
    """A choice that says what was probably meant by a word that is none of it."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        said = super().get_invalid_choice_message(value, ctx)
        near = get_close_matches(str(value), self.choices, n=1)
        return f"{said} Did you mean {near[0]!r}?" if near else said


def _walk(command: click.Command, act: Callable[[click.Command], None]) -> None:
    act(command)
    if isinstance(command, click.Group):
        for inner in list(command.commands.values()):
            _walk(inner, act)


def _suggest_words(command: click.Command) -> None:
    for parameter in command.params:
        if type(parameter.type) is click.Choice:
            kind = cast("click.Choice[str]", parameter.type)
            parameter.type = _Words(kind.choices, case_sensitive=kind.case_sensitive)


def _alias_list(command: click.Command) -> None:
    """Where there is a list, `ls` is another word for it, which no help mentions."""
    if isinstance(command, click.Group) and "list" in command.commands:
        alias = copy(command.commands["list"])
        alias.hidden = True
        command.add_command(alias, "ls")
