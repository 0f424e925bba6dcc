"""Pages of what is concluded about a VM of ours: taken from the table of desired × seen."""

from collections.abc import Iterator
from typing import Final

from vmuster.model.states import DesiredState
from vmuster.reconcile.classify import (
    LEFT,
    PAUSED,
    TABLE,
    TRAVELS,
    UNKNOWN,
    Deed,
    Row,
    Seen,
)
from vmuster.reconcile.pages.page import Family, RulePage

_SEEN: Final[dict[Seen, str]] = {
    Seen.RUNNING: "running",
    Seen.STOPPED: "stopped, with a witnessed reason",
    Seen.STOPPED_UNEXPLAINED: "stopped, for no reason that anybody witnessed",
    Seen.CRASHED: "crashed",
}
_DEEDS: Final = {
    Deed.START: "it is started, where it provably runs nowhere else",
    Deed.STOP: "it is stopped, with a proof that it is ours",
}
_NOTHING: Final = "Nothing has to be done."
_TOLD: Final[dict[str, tuple[str, tuple[str, ...], str]]] = {
    "in-sync": ("What was asked for is what is there.", ("L4",), _NOTHING),
    "trash": (
        "What was asked to go is ended first, and removed later, by an act with its own proof.",
        ("L4", "L9"),
        _NOTHING,
    ),
    "stopped-outside": (
        "By default reality wins: a control plane that fights its operators loses them.",
        ("L4", "L6"),
        "Start it, if it shall run: `vmuster vm start VM`. To have it started by itself each time:"
        " `vmuster cluster policy set NAME drift=enforce`.",
    ),
    "stopped-unexplained": (
        "After a reboot of its host nobody has wished for the stop: the wish stays as it was.",
        ("L4", "L6"),
        "Start it: `vmuster vm start VM`. To have it started by itself:"
        " `vmuster cluster policy set NAME restart=always`.",
    ),
    "crashed": (
        "A crash is no wish of anybody; a VM that crashes again and again is not started for ever.",
        ("L4", "L8"),
        "Look at its guest; start it: `vmuster vm start VM`. To have it started by itself:"
        " `vmuster cluster policy set NAME restart=on-crash`.",
    ),
    "started-outside": (
        "By default reality wins: whoever started it had a reason.",
        ("L1", "L4"),
        "Stop it, if it shall not run: `vmuster vm stop VM`.",
    ),
    "absent-but-running": (
        "It was asked to go, and is ended gently before it goes.",
        ("L1", "L9"),
        "To keep it after all: `vmuster vm adopt VM`.",
    ),
    "unknown": (
        "No information is never taken for a kind of stopped.",
        ("L6",),
        "Look at the hypervisor: `vmuster host show HOST`.",
    ),
    "paused": (
        "A paused VM still has its memory: a storage error, a snapshot or a person paused it.",
        ("L1", "L6"),
        "Find out why on its host (`virsh domstate --reason VM`), and resume it there.",
    ),
    "travels": (
        "Its memory is on its way; it is one VM on two hosts for a moment.",
        ("L2",),
        _NOTHING,
    ),
    "left-by-migration": (
        "It may run where it went, though we do not see it there: it is not started here.",
        ("L2", "L6"),
        "Add the host to which it went: `vmuster host add`; or, if you know that it runs nowhere,"
        " start it by hand, on its host.",
    ),
}
"""Why each row is so, the laws it serves, and what a person can do."""


def _pages() -> Iterator[RulePage]:
    rows = {row.rule: row for row in (*TABLE.values(), UNKNOWN, PAUSED, TRAVELS, LEFT)}
    for name, row in rows.items():
        why, laws, remedy = _TOLD[name]
        yield RulePage(
            name=name,
            family=Family.DECISION,
            when=_cases(name) or f"A VM of ours was seen: {row.why}.",
            follows=_follows(row),
            why=why,
            remedy=remedy,
            laws=laws,
        )


def _cases(name: str) -> str:
    """The cells of the table that lead to this row; empty where none does."""
    cells: dict[tuple[DesiredState, str], list[str]] = {}
    for (desired, seen), row in TABLE.items():
        if row.rule == name:
            cells.setdefault((desired, row.why), []).append(_SEEN[seen])
    return " ".join(
        f"Asked for is {desired}, and it is seen {'; or '.join(seen)}: {why}."
        for (desired, why), seen in cells.items()
    )


def _follows(row: Row) -> str:
    """What a row asks for, under each policy."""
    parts = [f"The finding is {row.finding}."]
    if row.always is not Deed.NOTHING:
        parts.append(f"Under every policy {_DEEDS[row.always]}.")
    if row.follows:
        parts.append("Under `drift: record` what is asked for follows what was seen.")
    if row.enforced is not Deed.NOTHING:
        parts.append(f"Under `drift: enforce` {_DEEDS[row.enforced]}.")
    if row.restarts:
        policies = " or ".join(f"`restart: {one}`" for one in sorted(row.restarts, reverse=True))
        parts.append(f"Under {policies} {_DEEDS[Deed.START]}.")
    if len(parts) == 1:
        parts.append("Nothing is done.")
    if row.alert:
        parts.append("An alert is raised.")
    return " ".join(parts)


_BESIDE_THE_TABLE: Final = (
    RulePage(
        name="active-elsewhere",
        family=Family.DECISION,
        when="A VM of ours is not active at its home, and was seen active on another host.",
        follows="Nothing is done, and its record stays, until the other host's look tells more.",
        why="Started here it might run twice.",
        remedy="Wait; or stop the copy that should not be there, on its host.",
        laws=("L2", "L7"),
    ),
    RulePage(
        name="in-flight",
        family=Family.DECISION,
        when="An operation on the VM is open, and its time is not over.",
        follows="The operation moves on: its command is sent, with its proof, or it is refused."
        " Nothing else is decided about the VM until it ends.",
        why="Two acts at once on one VM would each undo the other's proof.",
        remedy="Wait for it: `vmuster operation show ID`.",
        laws=("L1", "L3"),
    ),
    RulePage(
        name="overdue",
        family=Family.DECISION,
        when="The time of an operation is over, and its host gives no account.",
        follows="The operation ends as failed, with its outcome not known; the phase returns to"
        " what was last seen. When the host is back, a look comes before anything else.",
        why="What nobody saw is not guessed, and no phase waits for ever.",
        remedy="See to the host (`vmuster host show HOST`); then ask again.",
        laws=("L3", "L6"),
    ),
)

PAGES: Final = (*_pages(), *_BESIDE_THE_TABLE)
