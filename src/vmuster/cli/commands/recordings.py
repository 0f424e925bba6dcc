"""`vmuster record`: passes kept by the server, to be decided again elsewhere."""

from pathlib import Path

import click

from vmuster.cli.asking.confirming import confirm, yes_option
from vmuster.cli.asking.speaking import Failed, Server, changes, connected, speaks
from vmuster.cli.printing.forms import Output, print_told
from vmuster.cli.printing.recordings import told

_FILE = click.Path(path_type=Path)


@click.group("record", short_help="Keep what passes go by, for a replay.")
def record() -> None:
    """Keep what the server's passes go by and decide, to ask later what would have been otherwise.

    It is off until you start it, bounded, and in nobody's way: where it can't be written, it ends.
    What is fetched is decided again by 'vmuster replay --from'.

    \b
    Examples:
      vmuster record start --hours 24 --max-mib 64
      vmuster record fetch monday.jsonl.gz
      vmuster replay --from monday.jsonl.gz --policy drift=enforce
    """


@record.command("start")
@click.option("--hours", type=click.IntRange(min=1), help="How long; 24 where you don't say.")
@click.option(
    "--max-mib",
    type=click.IntRange(min=1),
    help="How much is kept, the newest, in MiB; 64 where you don't say.",
)
@changes
def start(hours: int | None, max_mib: int | None, server: Server, out: Output) -> None:
    """Keep every pass from now on. What was recorded before is dropped.

    A restart of the server does not end it.

    \b
    Examples:
      vmuster record start
      vmuster record start --hours 2 --max-mib 256
    """
    with connected(server) as client:
        _print(client.start_recording(hours=hours, max_mib=max_mib), out)


@record.command("stop")
@changes
def stop(server: Server, out: Output) -> None:
    """Keep no more passes. What was recorded stays, to be fetched.

    \b
    Examples:
      vmuster record stop
    """
    with connected(server) as client:
        _print(client.stop_recording(), out)


@record.command("show")
@speaks
def show(server: Server, out: Output) -> None:
    """Show whether passes are recorded, for how long yet, and how much there is.

    \b
    Examples:
      vmuster record show
    """
    with connected(server) as client:
        _print(client.recording(), out)


@record.command("drop")
@yes_option
@changes
def drop(yes: bool, server: Server, out: Output) -> None:
    """Drop all that was recorded; a recording that runs is over.

    \b
    Examples:
      vmuster record drop --yes
    """
    confirm("All that was recorded is dropped.", yes=yes)
    with connected(server) as client:
        _print(client.drop_recording(), out)


@record.command("fetch")
@click.argument("file", type=_FILE)
@speaks
def fetch(file: Path, server: Server, out: Output) -> None:
    """Fetch what was recorded until now into FILE; nobody but you may read it.

    It says what your VMs and hosts are called, and what was done to them by whom; no key is in it.
    No file is overwritten.

    \b
    Examples:
      vmuster record fetch monday.jsonl.gz
    """
    from vmuster.cli.asking.fetching import fetched

    with connected(server) as client:
        if not client.recording()["segments"]:
            raise Failed("nothing is recorded", hint="vmuster record start")
        try:
            got = fetched(client, file)
        except OSError as error:
            raise Failed(
                f"{file} can't be written: {error.strerror}", hint="name another file"
            ) from error
    for line in got["trouble"]:
        click.echo(f"warning: {line}", err=True)
    said = [f"{file}: {got['passes']} passes, {got['size']} bytes"]
    print_told(got, out, names=[got["file"]], told=lambda: said)


def _print(recording: dict[str, object], out: Output) -> None:
    print_told(recording, out, names=(), told=lambda: told(recording))
