"""`python -m bench [NAME...]`: what vmuster costs, as tables for people or lines for machines."""

import asyncio
import importlib
import sys
from typing import Final, Literal

import click

from bench.printing import show
from bench.rows import Result, as_json
from bench.sizes import Sizes

BENCHES: Final = {
    "limit": "what the machine itself allows: bare loops over the same bytes",
    "rollcall": "a whole fleet's roll call: nothing changed, and 1 % changed",
    "restart": "the first reports after a restart, and a cold start",
    "memory": "how a serving process grows with its fleet",
    "events": "event to dispatched command under load, and the flood from one host",
    "lists": "one page of `vm list`, from ten times as many VMs",
    "nova": "the same roll call beside OpenStack Nova's power sync, installed for it",
}
"""Each is a module of this package, with an async `run(sizes)`."""
ALL: Final = "all"
_QUICK: Final = tuple(name for name in BENCHES if name != "nova")
_DEFAULT: Final = Sizes()


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*BENCHES, ALL]))
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table")
@click.option("--hosts", type=click.IntRange(1), default=_DEFAULT.hosts, show_default=True)
@click.option("--vms", type=click.IntRange(1), default=_DEFAULT.vms, show_default=True)
@click.option("--small-hosts", type=click.IntRange(1), default=_DEFAULT.small_hosts)
@click.option("--repeats", type=click.IntRange(1), default=_DEFAULT.repeats, show_default=True)
@click.option("--seconds", type=click.FloatRange(0.1), default=_DEFAULT.seconds, show_default=True)
def main(
    names: tuple[str, ...],
    output: Literal["table", "json"],
    hosts: int,
    vms: int,
    small_hosts: int,
    repeats: int,
    seconds: float,
) -> None:
    """Measure, and exit with 1 where a goal is missed. Without a name: say what there is."""
    if not names:
        for name, what in BENCHES.items():
            click.echo(f"{name:10} {what}")
        click.echo(f"{ALL:10} all of them but nova")
        return
    sizes = Sizes(hosts=hosts, vms=vms, small_hosts=small_hosts, repeats=repeats, seconds=seconds)
    results = [_measured(name, sizes, output) for name in chosen(names)]
    sys.exit(not all(result.ok for result in results))


def chosen(names: tuple[str, ...]) -> list[str]:
    """The benches that are meant, each once, in their order."""
    meant = {*names, *(_QUICK if ALL in names else ())}
    return [name for name in BENCHES if name in meant]


def _measured(name: str, sizes: Sizes, output: Literal["table", "json"]) -> Result:
    click.echo(f"bench: {name}", err=True)
    result: Result = asyncio.run(importlib.import_module(f"bench.{name}").run(sizes))
    if output == "json":
        click.echo(as_json(result))
    else:
        show(result)
    return result


if __name__ == "__main__":
    main()
