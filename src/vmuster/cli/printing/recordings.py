"""A recording as it stands, and what a replay of one would have decided otherwise, for people."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from vmuster.cli.printing.forms import Column, Item, Shape
from vmuster.cli.printing.moments import at, present, seconds
from vmuster.model.text import counted

if TYPE_CHECKING:
    from vmuster.reconcile.passed import Decided
    from vmuster.replay.summary import Act, Run, Summary
    from vmuster.sim.whatif.ends import End

_MIB: Final = 1 << 20
_START: Final = "start one with 'vmuster record start'"
_VERBS: Final = {"stop_vm": "stop", "start_vm": "start", "mark_vm": "mark", "unmark_vm": "unmark"}


def told(it: Mapping[str, Any]) -> Iterator[str]:
    """A recording, as the API says it, in lines."""
    if it["started_at"] is None:
        yield f"nothing is recorded; {_START}"
        return
    yield f"recording  {_state(it)}"
    yield f"since      {at(it['started_at'])}"
    yield f"size       {it['size'] / _MIB:.1f} of {it['size_max'] / _MIB:.0f} MiB at most"
    yield f"passes     {it['passes']} since the server's start"
    if it["missed"]:
        yield f"missed     {it['missed']}: they came faster than they could be written"


def _state(it: Mapping[str, Any]) -> str:
    if it["stopped"]:
        return f"ended: {it['stopped']}"
    until = at(it["ends_at"])
    return f"on until {until}" if present() < seconds(it["ends_at"]) else f"over since {until}"


def document(summary: "Summary") -> dict[str, Any]:
    """What a replay found, as plain JSON data."""
    return {
        "passes": summary.passes,
        "decisions": summary.decisions,
        "differ": summary.differ,
        "more": {_act(act): number for act, number in summary.more.items()},
        "fewer": {_act(act): number for act, number in summary.fewer.items()},
        "differences": [_item(run) for run in summary.runs],
    }


def sums(found: Mapping[str, Any]) -> Iterator[str]:
    """The document of a replay, in two lines."""
    differ = counted(found["differ"], "difference") if found["differ"] else "no difference"
    passes = f"{found['passes']} pass{'' if found['passes'] == 1 else 'es'}"
    yield f"{passes}, {counted(found['decisions'], 'decision')}: {differ}"
    signs = {"+": found["more"], "-": found["fewer"]}
    acts = [f"{sign}{number} {act}" for sign, all_ in signs.items() for act, number in all_.items()]
    if acts:
        yield f"VMs that would be acted on: {', '.join(acts)}"


def ended(end: "End") -> dict[str, Any]:
    """How a record ended, and would have, as plain JSON data."""
    return dict(msgspec.to_builtins(end))


def _act(act: "Act") -> str:
    command, held = act
    return f"{_VERBS.get(command, command)}{' held' if held else ''}"


def _item(run: "Run") -> dict[str, Any]:
    first = run.first
    return {
        "at": _moment(first.at),
        "last_at": _moment(run.last_at),
        "passes": run.passes,
        "host": first.host,
        "host_name": first.host_name,
        "vm": str(first.vm),
        "name": first.name,
        "was": _outcome(first.was),
        "now": _outcome(first.now),
        "why": first.why,
    }


def _moment(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat()


def _outcome(outcome: "Decided | None") -> dict[str, Any] | None:
    return None if outcome is None else msgspec.to_builtins(msgspec.structs.asdict(outcome))


def _words(side: str) -> Any:
    """What was concluded, on one side of a difference, in a few words."""

    def words(item: Item) -> str:
        it = item[side]
        if it is None:
            return "nothing"
        act = _act((it["act"], it["held"])) if it["act"] else ""
        desired = f"wanted {it['desired']}" if it["desired"] else ""
        return ", ".join(word for word in (it["finding"], act, desired) if word)

    return words


DIFFERENCES: Final = Shape(
    name="vm",
    columns=(
        Column("AT", lambda item: at(item["at"])),
        Column("HOST", lambda item: item["host_name"]),
        Column("VM", lambda item: item["name"] or item["vm"]),
        Column("WAS", _words("was")),
        Column("NOW", _words("now")),
        Column("PASSES", lambda item: item["passes"]),
        Column("LAST", lambda item: at(item["last_at"]), wide=True),
        Column("UUID", lambda item: item["vm"], wide=True),
        Column("RULE", lambda item: (item["now"] or item["was"])["rule"], wide=True),
        Column("WHY", lambda item: item["why"]),
    ),
)
"""What would be decided otherwise."""


def _record(side: str) -> Any:
    """How a record ends, on one side, in a few words."""

    def words(item: Item) -> str:
        it = item[side]
        if it is None:
            return "no record"
        home = f", on {it['host_name']}" if it["host"] else ""
        return f"{it['phase']}, wanted {it['desired']}{home}"

    return words


ENDS: Final = Shape(
    name="vm",
    columns=(
        Column("VM", lambda item: item["name"] or item["vm"]),
        Column("ENDED", _record("was")),
        Column("WOULD END", _record("now")),
    ),
)
"""Records that would have ended otherwise."""
