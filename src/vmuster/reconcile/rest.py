"""Which VMs another pass over the same account must judge again: they are restless.

A VM is at rest when a pass over an account that says the same of it would write nothing about it,
send nothing and ask nobody, whatever time it is by then and however the fleet does. Then it is not
looked at until its bytes in the account change, or something is written that stirs it
(`reconcile/stirring.py`). What a pass goes by, beside the account and rows whose writing stirs:

now             an operation's time, a restart's pause and a good run after it, a held plan's time
intake number   the order of looks at one VM on several hosts, the run of looks that show it active
asked_after     what was asked for before the look: an operation, a question to another host
idle, spent, quarantined, orphans
                they keep an act back, and that is noted, or let it pass, and that is a command
high_water, trusted, unheard_of
                asked about a mark only until it was seen once, and its sighting says that
the others      they share budgets, which only acts use up, and a held plan

`REASONS` names each of them but for the held plan, which is a matter of all VMs of its host. What a
pass writes is hardly ever the last word: the next may count on from there. It is so where all that
a sighting says anew is what no pass goes by. Of a VM that is not seen, and of a PARTIAL account,
too much is open: absence is counted, doubted, asked for again. So an empty list where VMs were
leaves each of them restless too. Where the order of the looks at a VM counts, its sighting is
written at every one of them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.ids import VmUuid
from vmuster.model.plan import UNREST, Decision, Unrest
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, PowerState
from vmuster.model.vm import Sighting
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.pairing import Pair
from vmuster.reconcile.recorded import Recorded


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One VM after a pass. `draft` None: nothing was to be said of it. `decision`: as it goes to
    the database; `sighted`: its sighting, where that is written; `broken`: it broke a law."""

    pair: Pair
    recorded: Recorded
    draft: Draft | None
    decision: Decision | None
    sighted: Sighting | None
    broken: bool


REASONS: dict[str, Callable[[Judged], bool]] = {
    "it was not seen": lambda j: j.pair.seen is None,
    "its sighting is written, and not the last": lambda j: (
        j.sighted is not None and not _is_last(j.pair, j.sighted)
    ),
    "its record is written": lambda j: j.decision is not None and j.decision.transition is not None,
    "a command is proposed": lambda j: j.draft is not None and j.draft.command is not None,
    "something is left undone": lambda j: j.draft is not None and j.draft.note != "",
    "another look is asked for": lambda j: j.draft is not None and j.draft.ask is not None,
    "an operation on it is open": lambda j: j.pair.uuid in j.recorded.operations,
    "its restarts are to be forgotten": lambda j: _recovering(j.pair),
    "it broke a law": lambda j: j.broken,
}
"""Why a VM is restless: any of them."""
_REST: Final = frozenset[VmUuid]()


def restless(
    pairs: Iterable[Pair],
    drafts: Mapping[VmUuid, Draft],
    decisions: Mapping[VmUuid, Decision],
    sighted: Mapping[VmUuid, Sighting],
    broken: Collection[VmUuid],
    recorded: Recorded,
    report: HostReport,
    hold: HeldPlan | None,
) -> frozenset[VmUuid] | Unrest:
    """The VMs of a pass that are not at rest after it; `UNREST` where no VM of the host is.

    A PARTIAL report disturbs none but those that it names, and lets none of them rest.
    """
    if report.completeness is Completeness.PARTIAL or hold is not None:
        return UNREST
    return _REST.union(
        pair.uuid
        for pair in pairs
        if _is_restless(
            Judged(
                pair=pair,
                recorded=recorded,
                draft=drafts.get(pair.uuid),
                decision=decisions.get(pair.uuid),
                sighted=sighted.get(pair.uuid),
                broken=pair.uuid in broken,
            )
        )
    )


def _is_restless(judged: Judged) -> bool:
    return any(reason(judged) for reason in REASONS.values())


def _is_last(pair: Pair, sighted: Sighting) -> bool:
    """Whether the next pass over the same account finds nothing else to remember of a VM. What it
    goes by of this sighting, beside what is seen, is as it was before; and nobody asks when this
    host looked last, since no other one has shown it."""
    before = pair.here
    return before is not None and not pair.elsewhere and _counts(before) == _counts(sighted)


def _counts(sighting: Sighting) -> tuple[object, ...]:
    """What of a sighting a pass goes by that sees its VM again, the order of looks aside."""
    standing, mark = sighting.standing, sighting.raw_mark
    return sighting.absent, standing, mark, sighting.complete_reports


def _recovering(pair: Pair) -> bool:
    """Whether it runs after automatic starts that are not forgotten yet."""
    tries = pair.record.restart_tries if pair.record is not None else 0
    return tries > 0 and pair.seen is not None and pair.seen.power is PowerState.RUNNING
