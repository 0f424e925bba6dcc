"""Each setting of the server has its flag; limits of the API are for files and variables."""

import click

from vmuster.cli.asking.serve_flags import flags
from vmuster.wiring.settings.configuring import TYPES, flag


def test_each_setting_has_its_flag_and_says_what_it_means() -> None:
    made = {each.name: each for each in flags()}
    assert list(made) == [setting for setting in TYPES if "." not in setting]
    for name, option in made.items():
        assert isinstance(option, click.Option)
        assert flag(name or "") in option.opts
        assert (option.help or "").endswith((".", "]"))


def test_what_is_not_said_has_no_value() -> None:
    command = click.Command("serve", params=flags())
    values = command.make_context("serve", []).params.values()
    assert all(value in (None, ()) for value in values)


def test_no_is_a_word_too_except_for_what_is_said_once() -> None:
    command = click.Command("serve", params=flags())
    assert command.make_context("serve", ["--no-json-logs"]).params["json_logs"] is False
    assert not any("--no-restored" in each.secondary_opts for each in flags())


def test_defaults_are_shown() -> None:
    helps = {each.name: each.help for each in flags() if isinstance(each, click.Option)}
    assert (helps["port"] or "").endswith("[default: 8040]")
    assert (helps["log_level"] or "").endswith("[default: info]")
