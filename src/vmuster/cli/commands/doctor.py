"""`vmuster doctor`: what is wrong with an installation, and how to mend it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import click
import msgspec

from vmuster.cli.asking.speaking import Failed, Server, connected, speaks
from vmuster.cli.asking.state_folder import Place, at_state_folder, here
from vmuster.cli.printing.forms import Column, Form, Item, Output, Shape, print_items, print_told
from vmuster.cli.printing.moments import present, seconds
from vmuster.model.text import counted

Document = dict[str, Any]
_DEEP_SECONDS: Final = 3600.0
_CLOCK_SECONDS: Final = 10.0
_VERDICTS: Final = ("ok", "warning", "failed")
_WIDTH: Final = len("warning  ")
_SHAPE: Final = Shape(
    "name",
    (
        Column("ABOUT", lambda check: check["about"]),
        Column("CHECK", lambda check: check["name"]),
        Column("VERDICT", lambda check: check["verdict"]),
        Column("FOUND", lambda check: check["found"]),
        Column("WHAT TO DO", lambda check: check["mend"]),
    ),
)


@click.command("doctor", short_help="Say what is wrong with this installation, and how to mend it.")
@click.option("--deep", is_flag=True, help="Read every row, and verify the journal: takes longer.")
@click.option("-q", "--quiet", is_flag=True, help="Only what is not well.")
@at_state_folder
@speaks
def doctor(deep: bool, quiet: bool, place: Place, server: Server, out: Output) -> None:
    """Look at machine, state folder, database, keys, hosts and VMs, and say of each check what was
    found, and how to mend it. Exit status 1 where one failed.

    The server is asked, and looks at its own machine. Where none answers, or with --state-dir, the
    state folder on this machine is looked at: what keeps a server from starting.

    \b
    Examples:
      vmuster doctor
      vmuster doctor --quiet
      vmuster doctor --deep -o json
      vmuster doctor --state-dir ./state
    """
    if place.said and (server.url or server.key or server.context):
        raise click.UsageError("a state folder is on this machine: say it without --url and --key")
    found = _offline(place, deep, silent=False) if place.said else _asked(server, place, deep)
    checks = [check for check in found["checks"] if not quiet or check["verdict"] != "ok"]
    _print(found | {"checks": checks}, out)
    failures = [check for check in found["checks"] if check["verdict"] == "failed"]
    if failures:
        first = failures[0]
        raise Failed(f"{len(failures)} of {len(found['checks'])} checks failed", hint=first["mend"])


def with_own(found: Document, version: str, before: float, after: float) -> Document:
    """What a server says, and what only its client can: whether they are of one version, and how
    far their clocks are apart. `before`, `after`: our clock around the answer."""
    theirs = seconds(found["at"])
    apart = max(before - theirs, theirs - after, 0.0)
    versions = (
        _check("versions", "client and server", "ok", f"both are of version {version}", "")
        if found["version"] == version
        else _check(
            "versions",
            "client and server",
            "warning",
            f"this client is of version {version}, the server of {found['version']}",
            "bring both to one version",
        )
    )
    clocks = (
        _check("versions", "clocks", "ok", "this machine's clock agrees with the server's", "")
        if apart <= _CLOCK_SECONDS
        else _check(
            "versions",
            "clocks",
            "warning",
            f"this machine's clock and the server's are at least {apart:.0f} s apart",
            "let a time service keep both",
        )
    )
    return found | {"checks": [*found["checks"], versions, clocks]}


def _asked(server: Server, place: Place, deep: bool) -> Document:
    """What the server says of itself; where no server is known or answers, and none was named, what
    the state folder says."""
    from importlib.metadata import version

    try:
        with connected(server, patience=_DEEP_SECONDS if deep else None) as client:
            before = present()
            found: Document = client.examination(deep=deep)
            return with_own(found, version("vmuster"), before, present())
    except Failed as failed:
        named = server.url or server.key or server.context
        if named or not (failed.passes and _there(place)):
            raise
        click.echo(f"{failed.message}; looking at the state folder instead", err=True)
    return _offline(place, deep, silent=True)


def _there(place: Place) -> bool:
    with here():
        return place.settings().state_dir.is_dir()


def _offline(place: Place, deep: bool, *, silent: bool) -> Document:
    from vmuster.wiring.checkup.offline import examine

    with here():
        return msgspec.to_builtins(examine(place.settings(), deep=deep, silent=silent))


def _check(about: str, name: str, verdict: str, found: str, mend: str) -> Item:
    return {"about": about, "name": name, "verdict": verdict, "found": found, "mend": mend}


def _print(found: Document, out: Output) -> None:
    if out.form is Form.CSV:
        print_items(found["checks"], _SHAPE, out)
        return
    names = [_name(check) for check in found["checks"]]
    print_told(found, out, names=names, told=lambda: _told(found["checks"]))


def _told(checks: list[Item]) -> Iterator[str]:
    """A line for each check, a second one where there is something to do; and how many there are
    of each verdict."""
    for check in checks:
        yield f"{check['verdict']:<{_WIDTH}}{_name(check)}: {check['found']}"
        if check["mend"]:
            yield f"{'':<{_WIDTH}}-> {check['mend']}"
    counts = Counter(check["verdict"] for check in checks)
    told = {"warning": counted(counts["warning"], "warning")}
    yield ", ".join(told.get(word, f"{counts[word]} {word}") for word in _VERDICTS if counts[word])


def _name(check: Item) -> str:
    return f"{check['about']}, {check['name']}"
