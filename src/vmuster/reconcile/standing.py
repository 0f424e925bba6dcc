"""What an observed VM is to us: twelve rules in order, the first that fits. Total, by test.

Identity is the hypervisor uuid plus the mark, never the name: the name is asked only about a VM
that has neither record nor mark, and even then it decides between two kinds of stranger.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec

from vmuster.model.states import MarkVerdict, Standing


class RecordState(StrEnum):
    """What our records say of a uuid."""

    NONE = "none"
    LIVE = "live"
    TOMBSTONE = "tombstone"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that standing depends on.

    `at_home`: the live record is of this host or of none. `newer`: the mark's generation is above
    the tombstone's. `ours_by_name`: the name is canonical for our own instance.
    """

    record: RecordState
    mark: MarkVerdict
    duplicate: bool
    at_home: bool
    newer: bool
    ours_by_name: bool


class Rule(msgspec.Struct, frozen=True):
    """One row of the table; `when` says in words what `fits` tests."""

    number: int
    standing: Standing
    when: str
    fits: Callable[[Facts], bool]


_LIVE, _TOMBSTONE, _NONE = RecordState.LIVE, RecordState.TOMBSTONE, RecordState.NONE
_OURS, _FORGED, _UNMARKED = MarkVerdict.OURS, MarkVerdict.FORGED, MarkVerdict.NONE

RULES: Final[tuple[Rule, ...]] = (
    Rule(1, Standing.FOREIGN, "another fleet's mark", lambda f: f.mark is MarkVerdict.FOREIGN),
    Rule(
        2,
        Standing.CLONE,
        "our mark, signed for another uuid: a copy of one of our VMs",
        lambda f: f.mark is MarkVerdict.COPIED,
    ),
    Rule(
        3,
        Standing.UNPROVEN,
        "recorded (or once recorded), but its mark is missing or not good",
        lambda f: f.record is not _NONE and f.mark in (_UNMARKED, _FORGED),
    ),
    Rule(
        4,
        Standing.UNPROVEN,
        "not recorded, and its mark is not good",
        lambda f: f.record is _NONE and f.mark is _FORGED,
    ),
    Rule(
        5,
        Standing.DUPLICATE,
        "ours, and active on two hosts",
        lambda f: f.record is _LIVE and f.mark is _OURS and f.duplicate,
    ),
    Rule(
        6,
        Standing.OWNED,
        "ours, with a good mark, where its record says",
        lambda f: f.record is _LIVE and f.mark is _OURS and f.at_home,
    ),
    Rule(
        7,
        Standing.MOVED,
        "ours, with a good mark, but its record says another host",
        lambda f: f.record is _LIVE and f.mark is _OURS,
    ),
    Rule(
        8,
        Standing.GHOST,
        "a VM that we deleted, with the mark it had then",
        lambda f: f.record is _TOMBSTONE and f.mark is _OURS and not f.newer,
    ),
    Rule(
        9,
        Standing.ORPHAN,
        "deleted in our records, but its mark is newer than they are",
        lambda f: f.record is _TOMBSTONE and f.mark is _OURS,
    ),
    Rule(
        10,
        Standing.ORPHAN,
        "a good mark of ours and no record",
        lambda f: f.record is _NONE and f.mark is _OURS,
    ),
    Rule(
        11,
        Standing.LOOKALIKE,
        "no record, no mark, a name of ours",
        lambda f: f.record is _NONE and f.mark is _UNMARKED and f.ours_by_name,
    ),
    Rule(
        12,
        Standing.ALIEN,
        "no record, no mark, any other name",
        lambda f: f.record is _NONE and f.mark is _UNMARKED,
    ),
)


def stand(facts: Facts) -> Rule:
    """The first rule that fits `facts`. The table is total: the last resort can't be reached."""
    return next(rule for rule in RULES if rule.fits(facts))
