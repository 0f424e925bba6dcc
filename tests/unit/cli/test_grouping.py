"""The commands as one: other names for them, what was meant, and how they end."""

import click
import pytest
from click.testing import CliRunner

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.cli.grouping import Commands
from vmuster.cli.main import cli
from vmuster.model.host import Host


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (("hosts",), ("host", "list")),
        (("vms", "--host", "alpha"), ("vm", "list", "--host", "alpha")),
        (("vm", "ls"), ("vm", "list")),
        (("hosts", "show", "alpha"), ("host", "show", "alpha")),
        (("clusters", "ls"), ("cluster", "list")),
    ],
)
def test_other_names_are_understood(
    run: Run, world: Served, alpha: Host, words: tuple[str, ...], same: tuple[str, ...]
) -> None:
    other, usual = (run(*given, "-o", "name") for given in (words, same))
    assert (other.exit_code, other.stdout) == (0, usual.stdout)


@pytest.mark.parametrize("words", [("vms", "--help"), ("vms", "-h")])
def test_the_help_of_a_plural_is_that_of_the_noun(alone: Run, words: tuple[str, ...]) -> None:
    assert "Usage: vmuster vm" in alone(*words).stdout


@pytest.mark.parametrize("words", [("statuss",), ("fleets",), ("vmss",), ("s",)])
def test_what_only_looks_like_a_plural_is_none(alone: Run, words: tuple[str, ...]) -> None:
    assert alone(*words).exit_code == 2


def test_other_names_stand_in_no_help(alone: Run) -> None:
    assert " ls " not in alone("vm", "--help").stdout
    assert "vms" not in alone("--help").stdout.replace("VMs", "")


def test_every_command_stands_in_one_section(alone: Run) -> None:
    assert isinstance(cli, Commands)
    named = [name for names in cli.sections.values() for name in names]
    assert sorted(named) == sorted(cli.commands)
    shown = alone("--help").stdout
    assert all(f"{heading}:" in shown for heading in cli.sections)
    assert all(f"\n  {name} " in shown for name in named)
    assert "..." not in shown.partition("Options:")[2]


def test_the_exit_statuses_are_in_the_help(alone: Run) -> None:
    shown = alone("--help").stdout
    assert "Exit status:" in shown
    assert "interrupted" in shown


def test_a_word_that_is_none_of_the_choices_is_near_to_one(alone: Run) -> None:
    said = alone("vm", "list", "--standing", "alein")
    assert said.exit_code == 2
    assert "Did you mean 'alien'?" in said.stderr
    assert "Did you mean" not in alone("vm", "list", "--standing", "xyz").stderr


@pytest.mark.parametrize(
    ("raised", "status"), [(KeyboardInterrupt, 130), (click.Abort, 1), (EOFError, 1)]
)
def test_who_interrupts_is_told_so_by_the_status(raised: type[BaseException], status: int) -> None:
    @click.command("hang")
    def hang() -> None:
        raise raised

    commands = Commands("test", sections={})
    commands.put(hang)
    assert CliRunner().invoke(commands, ["hang"]).exit_code == status


def test_who_interrupts_a_question_is_told_so_too() -> None:
    @click.command("ask")
    def ask() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise click.Abort from None

    commands = Commands("test", sections={})
    commands.put(ask)
    assert CliRunner().invoke(commands, ["ask"]).exit_code == 130
