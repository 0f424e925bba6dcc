"""Settings on the command line: listed by --help, completed by the shell."""

import click
import pytest
from click.testing import CliRunner

from vmuster.cli.asking.settings import completion_of, pairs, settings_help
from vmuster.cli.main import cli
from vmuster.model.policy import FleetPolicy, Policy

CONTEXT = click.Context(click.Command("set"))
NAMES = {*Policy.__struct_fields__, *FleetPolicy.__struct_fields__}
PARAMETER = click.Argument(["settings"])


def offered(typed: str, kind: type[Policy] | type[FleetPolicy] = Policy) -> list[str]:
    return [str(item.value) for item in completion_of(kind)(CONTEXT, PARAMETER, typed)]


def test_help_lists_every_setting_with_its_values() -> None:
    shown = CliRunner().invoke(cli, ["cluster", "policy", "set", "--help"]).output
    assert all(name in shown for name in Policy.__struct_fields__)
    assert "leave, stop-by-mark, stop-by-name [leave]" in shown
    assert "Automatic starts on a host within 600 s." in shown
    assert "(L8)" not in shown
    shown = CliRunner().invoke(cli, ["fleet", "policy", "set", "--help"]).output
    assert all(name in shown for name in FleetPolicy.__struct_fields__)
    assert "unknown_vms" not in shown


def test_names_are_completed_then_values() -> None:
    assert offered("dr") == ["drift="]
    assert offered("drift=") == ["drift=record", "drift=enforce"]
    assert offered("drift=e") == ["drift=enforce"]
    assert offered("quiet_seconds=") == []
    assert offered("nothing=") == []
    assert offered("da", FleetPolicy) == ["dark_percent_max="]
    assert offered("dr", FleetPolicy) == []


def test_every_setting_has_a_meaning() -> None:
    for kind in (Policy, FleetPolicy):
        shown = settings_help(kind, meanings=True).splitlines()
        named = [number for number, line in enumerate(shown) if line.split()[0] in NAMES]
        assert len(named) == len(kind.__struct_fields__)
        assert all(shown[number + 1].startswith(" " * 6) for number in named)


def test_settings_are_read_as_pairs() -> None:
    assert pairs(["drift=enforce", "a=b=c"]) == {"drift": "enforce", "a": "b=c"}
    with pytest.raises(click.UsageError, match="drift: said more than once"):
        pairs(["drift=record", "a=b", "drift=enforce"])
    for wrong in ("drift", "=record", ""):
        with pytest.raises(click.UsageError):
            pairs([wrong])


def test_a_slip_is_told_apart_from_what_only_the_server_knows() -> None:
    with pytest.raises(click.UsageError, match="Did you mean 'drift'"):
        pairs(["drfit=enforce"])
    assert pairs(["zzz=1"]) == {"zzz": "1"}
