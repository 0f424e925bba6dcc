"""`vmuster version`."""

import click

from vmuster.cli.asking.speaking import prints
from vmuster.cli.printing.forms import Output, print_told


@click.command("version")
@prints
def version(out: Output) -> None:
    """Print the version.

    \b
    Examples:
      vmuster version -o json
    """
    from importlib.metadata import version as version_of

    number = version_of("vmuster")
    print_told({"version": number}, out, names=[number], told=lambda: [number])
