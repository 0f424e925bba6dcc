"""Settings on the command line: listed by --help, completed by the shell."""

import click
from click.testing import CliRunner

from vmuster.cli.main import cli
from vmuster.cli.settings import complete_settings
from vmuster.model.policy import Policy

CONTEXT = click.Context(click.Command("set"))
PARAMETER = click.Argument(["settings"])


def offered(typed: str) -> list[str]:
    return [str(item.value) for item in complete_settings(CONTEXT, PARAMETER, typed)]


def test_help_lists_every_setting_with_its_values() -> None:
    shown = CliRunner().invoke(cli, ["cluster", "policy", "set", "--help"]).output
    assert all(name in shown for name in Policy.__struct_fields__)
    assert "leave, stop-by-mark, stop-by-name [leave]" in shown


def test_names_are_completed_then_values() -> None:
    assert offered("dr") == ["drift="]
    assert offered("drift=") == ["drift=record", "drift=enforce"]
    assert offered("drift=e") == ["drift=enforce"]
    assert offered("quiet_seconds=") == []
    assert offered("nothing=") == []
