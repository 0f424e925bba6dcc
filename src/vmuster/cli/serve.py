"""`vmuster serve`: the server. The only command that loads it."""

from pathlib import Path

import click

from vmuster.cli.speaking import Failed, state_dir
from vmuster.model.errors import VmusterError


@click.command("serve")
@click.option(
    "--state-dir",
    "state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Database, keys, journals. [env: VMUSTER_STATE_DIR; default: /var/lib/vmuster for root,"
    " else ~/.local/state/vmuster]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", type=click.IntRange(0, 65535), default=8040, show_default=True)
@click.option("--instance", default="VM", show_default=True, help="The last part of our names.")
@click.option("--allow-loopback-hosts", is_flag=True, help="For demos: plain text hypervisors.")
@click.option("--json-logs", is_flag=True, help="Log lines as JSON.")
@click.option(
    "--restored",
    is_flag=True,
    help="The database is a backup: change nothing on any host until 'vmuster quarantine leave'.",
)
def serve(
    state: Path | None,
    host: str,
    port: int,
    instance: str,
    allow_loopback_hosts: bool,
    json_logs: bool,
    restored: bool,
) -> None:
    """Run a server until it is told to stop. Its restart changes no VM.

    At its first start it writes a key for its operator into client.toml in the state folder.

    \b
    Examples:
      vmuster serve
      vmuster serve --state-dir ./state --port 8041
      vmuster serve --restored
    """
    from vmuster.wiring.serve import serve as run
    from vmuster.wiring.settings import Settings

    settings = Settings(
        state_dir=state or state_dir(),
        host=host,
        port=port,
        instance=instance,
        allow_loopback_hosts=allow_loopback_hosts,
        json_logs=json_logs,
        restored=restored,
    )
    try:
        run(settings)
    except VmusterError as error:
        raise Failed(error.message, hint=error.hint) from error
    except (OSError, ValueError) as error:
        raise Failed(f"the server can't run: {error}", hint="see 'vmuster serve --help'") from error
