"""The end of the demo: a table of every VM, and whether all that was promised is true."""

from typing import Any, Final

import msgspec

from vmuster.demo.narrator import Narrator
from vmuster.demo.scene import CLONE, STRANGER, STRAY, Scene
from vmuster.demo.stage import Operator
from vmuster.demo.witness import Watched

_UNTOUCHABLE: Final = frozenset({STRANGER, CLONE})


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table."""

    name: str
    standing: str
    process: str
    commands: str


def conclude(story: Scene, narrator: Narrator) -> bool:
    """Print the table and the verdict; True where every promise was kept."""
    narrator.step("What became of every VM, witnessed by process ids")
    failures = list(story.witness.surprises)
    rows: list[Row] = []
    for seen in story.witness.watched.values():
        explained = story.operator.asks("vm", "explain", str(seen.uuid))
        rows.append(_row(seen, explained))
        failures.extend(broken_promises(seen, explained["commands"]))
    _print(rows, narrator)
    for failure in failures:
        narrator.failure(failure)
    if not failures:
        narrator.plain(
            "    Every stranger was ended by nothing but the demo's own hand, and no command was\n"
            "    ever sent for one. Each stray was saved to disk, with its proof on record: none\n"
            "    while vmuster was disarmed, nor before a person approved. A libvirtd that hung\n"
            "    was told from a dead host, and no other host waited for it."
        )
    return not failures


def print_explored(operator: Operator, narrator: Narrator) -> None:
    """How to look around while the stage stays up."""
    narrator.plain()
    narrator.plain("The stage stays up; in another terminal:")
    for name, value in operator.access().items():
        narrator.plain(f"    export {name}={value}")
    narrator.plain("    .venv/bin/vmuster status")
    narrator.plain("    .venv/bin/vmuster vm list")
    narrator.plain("    .venv/bin/vmuster vm explain i-2-78-VM")
    narrator.plain("Ctrl-C ends it and takes everything away.")


def broken_promises(seen: Watched, commands: list[dict[str, Any]]) -> list[str]:
    """The promises that were not kept about one VM, in words."""
    sent = [command["command"] for command in commands]
    if seen.role in _UNTOUCHABLE:
        ended = [whose for whose in seen.ended_by if not whose.startswith("the demo's hand")]
        return [f"{seen.name}: ended by {whose}" for whose in ended] + [
            f"{seen.name}: {command['command']} was sent for a VM that is not ours"
            for command in sent
        ]
    if seen.role == STRAY:
        proofs = [command.get("proof", {}).get("kind") for command in sent]
        done = [command["result"]["outcome"] for command in commands if command["result"]]
        return [] if proofs == ["name"] and done == ["done"] else [f"{seen.name}: {proofs} {done}"]
    automatic = [command["command"] for command in sent if command["automatic"]]
    return [f"{seen.name}: automatic {what}" for what in automatic]


def _row(seen: Watched, explained: dict[str, Any]) -> Row:
    standing = explained["vms"][0]["standing"] if explained["vms"] else "gone"
    counts: dict[str, int] = {}
    for command in explained["commands"]:
        what = command["command"]["command"]
        counts[what] = counts.get(what, 0) + 1
    return Row(
        name=seen.name,
        standing=str(standing),
        process="; ".join(dict.fromkeys(seen.ended_by)) or "the same",
        commands=", ".join(f"{what} ×{count}" for what, count in sorted(counts.items())) or "none",
    )


def _print(rows: list[Row], narrator: Narrator) -> None:
    narrator.plain(f"    {'VM':24} {'standing':10} {'commands':34} process")
    for row in rows:
        head = f"    {row.name:24} {row.standing:10} {row.commands:34} "
        first, *more = row.process.split("; ")
        narrator.plain(head + first)
        for line in more:
            narrator.plain(" " * len(head) + line)
