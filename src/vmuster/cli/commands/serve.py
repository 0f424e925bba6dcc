"""`vmuster serve`: the server. The only command that loads it, and then only when it is asked for.

Its flags are made of the table of settings (`wiring/settings/table.py`).
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

import click

from vmuster.cli.asking.speaking import Failed
from vmuster.cli.printing.forms import Column, Form, Output, Shape, print_items
from vmuster.model.errors import VmusterError

_SETTINGS: Final = Shape(
    "setting",
    (
        Column("SETTING", lambda item: item["setting"]),
        Column("VALUE", lambda item: item["value"]),
        Column("FROM", lambda item: item["from"]),
    ),
)


class _Serve(click.Command):
    """A command with a flag for each setting, made when somebody looks at them."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The settings' flags, and after them the command's own."""
        return [*self._flags, *super().get_params(ctx)]

    @cached_property
    def _flags(self) -> list[click.Parameter]:
        from vmuster.cli.asking.serve_flags import flags

        return flags()


@click.command("serve", cls=_Serve, short_help="Run a server.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The file of settings, or a folder with vmuster.toml and conf.d/*.toml."
    " [default: /etc/vmuster for root, else ~/.config/vmuster/server.toml]",
)
@click.option("--show-settings", is_flag=True, help="Print each setting and where it comes from.")
@click.option("--check", is_flag=True, help="Check the settings and the certificate, and end.")
@click.option(
    "-o",
    "--output",
    type=click.Choice([Form.TABLE.value, Form.JSON.value, Form.YAML.value]),
    default=Form.TABLE.value,
    help="How to print the settings.",
)
def serve(
    config: Path | None, show_settings: bool, check: bool, output: str, **said: object
) -> None:
    """Run a server until it is told to stop. Its restart changes no VM.

    At its first start it writes a key for its operator into client.toml in the state folder. Each
    setting can be said with a flag, with a variable (--log-level: VMUSTER_LOG_LEVEL), or in a file
    (log_level), in this order; docs/configuration.md describes them all.

    \b
    Examples:
      vmuster serve
      vmuster serve --state-dir ./state --port 8041
      vmuster serve --show-settings
      vmuster serve --host 192.0.2.7 --tls-names vmuster.example.org
      vmuster serve --restored
    """
    from vmuster.wiring.serving.serve import check as checked
    from vmuster.wiring.serving.serve import serve as run
    from vmuster.wiring.settings.configuring import configure

    flags = {name: value for name, value in said.items() if value not in (None, ())}
    try:

        def configured() -> Any:
            return configure(flags=flags, environ=os.environ, config=config)

        found = configured()
        if check:
            checked(found.settings)
            click.echo("the settings are in order", err=True)
        if show_settings:
            items = [
                {"setting": name, "value": _plain(found.value(name)), "from": place}
                for name, place in found.origins.items()
            ]
            print_items(items, _SETTINGS, Output(form=Form(output)))
        if not check and not show_settings:
            run(found.settings, again=lambda: configured().settings)
    except VmusterError as error:
        raise Failed(error.message, hint=error.hint) from error
    except (OSError, ValueError) as error:
        raise Failed(f"the server can't run: {error}", hint="see 'vmuster serve --help'") from error


def _plain(value: object) -> object:
    """A value as JSON knows it."""
    if isinstance(value, tuple):
        return [str(each) for each in cast("tuple[object, ...]", value)]
    return str(value) if isinstance(value, Path) else value
