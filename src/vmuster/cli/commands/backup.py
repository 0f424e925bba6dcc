"""`vmuster backup`: of the database while the server runs, and of the keys, apart from it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from vmuster.cli.asking.speaking import prints
from vmuster.cli.asking.state_folder import Place, at_state_folder, here, told
from vmuster.cli.printing.forms import Output, print_told
from vmuster.cli.printing.moments import present

_MIB: Final = 1 << 20
_FILE: Final = click.Path(path_type=Path)


@click.group("backup", short_help="Take backups, and verify them.")
def backup() -> None:
    """Take backups of a server on this machine, and verify them.

    Keep the database and the keys apart: who has both can sign marks and open credentials.

    \b
    Examples:
      vmuster backup create monday.db
      vmuster backup keys keys.tar
      vmuster backup verify monday.db --keys keys.tar
    """


@backup.command("create")
@click.argument("file", type=_FILE)
@at_state_folder
@prints
def create(file: Path, place: Place, out: Output) -> None:
    """Back up the database into FILE, whether the server runs or not.

    It is the database of one moment, checked after it was copied, and nobody but its owner may read
    it. No file is overwritten. Write down the anchor: 'vmuster journal verify --anchor'.

    \b
    Examples:
      vmuster backup create monday.db
    """
    from vmuster.wiring.backups.creating import create as created

    with here(), told("copying") as tell:
        made = created(place.settings().state_dir, file, present(), tell)
    _print(made, out, _created)


@backup.command("keys")
@click.argument("file", type=_FILE)
@at_state_folder
@prints
def keys(file: Path, place: Place, out: Output) -> None:
    """Back up the keys, the certificates and the operator's key into FILE.

    Take it anew after each 'vmuster key rotate', and keep it apart from the database.

    \b
    Examples:
      vmuster backup keys keys.tar
    """
    from vmuster.wiring.backups.creating import create_keys

    with here():
        made = create_keys(place.settings().state_dir, file)
    if made.warning:
        click.echo(f"warning: {made.warning}", err=True)
    _print(made, out, _kept)


@backup.command("verify")
@click.argument("file", type=_FILE)
@click.option("--keys", type=_FILE, help="A backup of the keys: are they those of this database?")
@prints
def verify(file: Path, keys: Path | None, out: Output) -> None:
    """Say whether FILE is a good backup: whole, and with a journal as it was written.

    \b
    Examples:
      vmuster backup verify monday.db
      vmuster backup verify monday.db --keys keys.tar
    """
    from vmuster.wiring.backups.key_files import read_keys
    from vmuster.wiring.backups.verifying import verified

    with here(), told("verifying") as tell:
        found = verified(file, tell, keys=None if keys is None else read_keys(keys))
    _print(found, out, verified_lines)


def verified_lines(it: dict[str, Any]) -> Iterator[str]:
    """What is said of a good backup."""
    yield f"{it['file']}: good, {_size(it['size'])}, schema {it['revision']}"
    if not it["fleet"]:
        yield "it is of an older schema: it is read when a server brings it to the present one"
        return
    yield f"fleet   {it['fleet']}, instance {it['instance']}"
    yield f"anchor  {it['anchor']}"
    if it["keys"]:
        yield "these keys are its own"


def _kept(it: dict[str, Any]) -> Iterator[str]:
    yield f"{it['file']}: {', '.join(it['names'])}"


def _created(it: dict[str, Any]) -> Iterator[str]:
    yield f"{it['file']}: {_size(it['size'])}, schema {it['revision']}"
    if it["anchor"]:
        yield f"anchor  {it['anchor']}"


def _print(
    made: msgspec.Struct, out: Output, lines: Callable[[dict[str, Any]], Iterator[str]]
) -> None:
    document = msgspec.to_builtins(made)
    print_told(document, out, names=[document["file"]], told=lambda: lines(document))


def _size(number: int) -> str:
    return f"{number / _MIB:.1f} MiB"
