"""`vmuster restore`: a backup put back, while no server runs, and put away again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from vmuster.cli.asking.confirming import confirm, yes_option
from vmuster.cli.asking.speaking import prints
from vmuster.cli.asking.state_folder import Place, at_state_folder, here, told
from vmuster.cli.commands.backup import verified_lines
from vmuster.cli.printing.forms import Output, print_told
from vmuster.cli.printing.moments import present

_FILE = click.Path(path_type=Path)


@click.command("restore", short_help="Put a backup back, or take that back.")
@click.argument("file", type=_FILE, required=False)
@click.option("--keys", type=_FILE, help="Put this backup of the keys back too.")
@click.option("--undo", is_flag=True, help="Put back what the last restore has set aside.")
@yes_option
@at_state_folder
@prints
def restore(
    file: Path | None, keys: Path | None, undo: bool, yes: bool, place: Place, out: Output
) -> None:
    """Put the database of the backup FILE in the place of the present one, on the server's machine.

    Stop the server first; VMs run on. The backup is verified, what is there is set aside and
    nothing is deleted. The next server begins in quarantine: hosts are observed, and nothing is
    sent until 'vmuster quarantine leave'.

    \b
    Examples:
      vmuster restore monday.db
      vmuster restore monday.db --keys keys.tar
      vmuster restore --undo
    """
    if undo == (file is not None) or (undo and keys):
        raise click.UsageError("say FILE, with --keys or without; or --undo alone")
    with here():
        state = place.settings().state_dir
        what = f"{file} takes" if file else "what was set aside last takes"
        confirm(f"{what} the place of the database in {state}.", yes=yes)
        found = _done(state, file, keys)
    document: dict[str, Any] = msgspec.to_builtins(found)
    print_told(document, out, names=[document["aside"]], told=lambda: _lines(document))


def _done(state: Path, file: Path | None, keys: Path | None) -> msgspec.Struct:
    from vmuster.wiring.backups import restoring

    with told("restoring") as tell:
        if file is None:
            return restoring.undo(state, present(), tell)
        return restoring.restore(state, file, keys, present(), tell)


def _lines(it: dict[str, Any]) -> Iterator[str]:
    yield from verified_lines(it["backup"])
    yield f"what was there before is in {it['aside']}; 'vmuster restore --undo' puts it back"
    if it["quarantine"]:
        yield "next: start the server; it begins in quarantine: 'vmuster quarantine show'"
    else:
        yield "next: start the server; none has run since the restore, and it goes on as before"
