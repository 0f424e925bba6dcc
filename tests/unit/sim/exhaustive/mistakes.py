"""Planted mistakes: each takes a check, or a whole layer of them, out of the shipped code."""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar
from uuid import UUID

import msgspec
import pytest

from vmuster.agent import guard
from vmuster.model.ids import VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import ProofKind, Standing
from vmuster.reconcile import absence, decide, freshness, laws, ownership
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.pairing import Pair
from vmuster.reconcile.recorded import Recorded
from vmuster.server.passes import writes

Plant = Callable[[pytest.MonkeyPatch], None]
ANOTHER: Final = VmUuid(UUID(int=99))
"""No VM of the small world."""
C = TypeVar("C", guard.Check, ownership.Check)


def _without(checks: Iterable[C], *words: str) -> tuple[C, ...]:
    """`checks` but for those whose reason holds any of `words`."""
    return tuple(check for check in checks if not any(word in check.reason for word in words))


def _no_second_opinion(patch: pytest.MonkeyPatch) -> None:
    def none_broken(*_: object) -> dict[VmUuid, str]:
        return {}

    patch.setattr(laws, "violations", none_broken)


def a_guard_that_does_not_read_marks(patch: pytest.MonkeyPatch) -> None:
    checks = guard.STOP_CHECKS[ProofKind.RECORD]
    patch.setitem(guard.STOP_CHECKS, ProofKind.RECORD, _without(checks, "mark"))


def a_guard_that_asks_no_witness(patch: pytest.MonkeyPatch) -> None:
    checks = _without(guard.START_CHECKS, "process", "plainly stopped")
    patch.setattr(guard, "START_CHECKS", checks)


def a_guard_that_believes_every_connection_and_name(patch: pytest.MonkeyPatch) -> None:
    checks = guard.STOP_CHECKS[ProofKind.NAME]
    patch.setitem(guard.STOP_CHECKS, ProofKind.NAME, _without(checks, "name", "mark"))


def proofs_that_need_no_mark(patch: pytest.MonkeyPatch) -> None:
    """Neither a good one nor any, in the proof and in the table of standings before it."""
    _no_second_opinion(patch)
    checks = ownership.CHECKS[ProofKind.NAME]
    patch.setitem(ownership.CHECKS, ProofKind.NAME, _without(checks, "mark", "name"))
    patch.setattr(decide, "_STRAYS", frozenset(Standing))

    def by_name(_: Standing) -> ProofKind:
        return ProofKind.NAME

    patch.setattr(ownership, "_kind", by_name)


def staleness_that_is_ignored(patch: pytest.MonkeyPatch) -> None:
    rules = [rule for rule in freshness._RULES if not rule[1].startswith("stale")]  # pyright: ignore[reportPrivateUsage]
    patch.setattr(freshness, "_RULES", tuple(rules))


def absence_that_needs_no_confirmation(patch: pytest.MonkeyPatch) -> None:
    """An empty list is trusted."""

    def trusting(
        pair: Pair, recorded: Recorded, report: HostReport, policy: Policy
    ) -> Draft | None:
        believed = msgspec.structs.replace(report, absent=(*report.absent, pair.uuid))
        plain = msgspec.structs.replace(pair, lost=frozenset())
        return absence.absent(plain, recorded, believed, policy)

    patch.setattr(decide, "absent", trusting)


def starts_beside_a_copy(patch: pytest.MonkeyPatch) -> None:
    """What was seen on another host is in the way of no start."""
    _no_second_opinion(patch)
    checks = _without(ownership.CLEARANCE_CHECKS, "another host", "migration")
    patch.setattr(ownership, "CLEARANCE_CHECKS", checks)


def commands_without_a_row(patch: pytest.MonkeyPatch) -> None:
    def no_entries(*_: object) -> tuple[JournalEntry, ...]:
        return ()

    patch.setattr(writes, "_entries", no_entries)


FOUND_BY: Final[dict[Plant, str]] = {
    a_guard_that_does_not_read_marks: "L1",
    a_guard_that_asks_no_witness: "L2",
    a_guard_that_believes_every_connection_and_name: "L1",
    proofs_that_need_no_mark: "L1",
    staleness_that_is_ignored: "L7",
    absence_that_needs_no_confirmation: "L6",
    starts_beside_a_copy: "L2",
    commands_without_a_row: "L12",
}
"""Mistake → the law that it breaks."""
