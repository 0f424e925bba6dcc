"""`vmuster completion`: commands, options and names completed by the shell."""

from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

_VARIABLE: Final = "_VMUSTER_COMPLETE"
_SCRIPTS: Final = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command("completion", short_help="Have the shell complete commands and names.")
@click.argument("shell", type=click.Choice(list(_SCRIPTS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete our commands, and names of what is there.

    \b
    Examples:
      eval "$(vmuster completion bash)"
      vmuster completion bash > ~/.local/share/bash-completion/completions/vmuster
      vmuster completion zsh > ~/.zfunc/_vmuster     # where ~/.zfunc is in your fpath
      vmuster completion fish > ~/.config/fish/completions/vmuster.fish
    """
    script = _SCRIPTS[shell](context.find_root().command, {}, "vmuster", _VARIABLE)
    click.echo(script.source())
