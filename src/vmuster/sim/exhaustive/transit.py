"""Reports on their way: what becomes of one while the world goes on.

A report that was taken in, or overtaken, is kept only if the shipped rule of freshness would take
it in again, for then it would do harm: the shipped rule refuses it, and for good.
"""

import msgspec

from vmuster.reconcile import freshness
from vmuster.sim.exhaustive.looks import Stamp, accounts, stamped
from vmuster.sim.exhaustive.setting import HOST_ROWS
from vmuster.sim.exhaustive.state import Pair, Pending, State
from vmuster.sim.exhaustive.truth import Truth


def with_report(
    state: State, host: int, pending: Pending | None
) -> tuple[Pending | None, Pending | None]:
    """The reports on their way, with this one from `host`."""
    return (pending, state.reports[1]) if host == 0 else (state.reports[0], pending)


def left(pending: Pending) -> Pending | None:
    """What is left of a report on its way once it, or a later one, was taken in."""
    return restamped(pending, Stamp.OLDER)


def restamped(pending: Pending, stamp: Stamp) -> Pending | None:
    """`pending` in its new place in the order; None where it is refused from now on, as it must."""
    report = msgspec.structs.replace(pending.report, stamp=stamp)
    if freshness.refusal(HOST_ROWS[0], stamped(report, 0), report.asked_after):
        return None
    return msgspec.structs.replace(pending, report=report)


def carried_on(pending: Pending | None, lasting: Pair) -> Pending | None:
    """`pending` after a change through which processes of our VM lived on where `lasting` says."""
    if pending is None:
        return None
    ran = (pending.ran[0] and lasting[0], pending.ran[1] and lasting[1])
    return pending if ran == pending.ran else msgspec.structs.replace(pending, ran=ran)


def could_be_made_now(truth: Truth, host: int, pending: Pending | None) -> bool:
    """Whether a look made now may say the very same."""
    return (
        pending is not None
        and pending.report.stamp is Stamp.NEWER
        and pending.report.account in accounts(truth, host)
    )


def number_of(pending: Pending | None) -> int:
    """The intake number after which its look began; 0 where there is none."""
    return 0 if pending is None else pending.report.asked_after


def numbered(pending: Pending | None, number: int) -> Pending | None:
    """`pending`, its look begun after `number`."""
    if pending is None or pending.report.asked_after == number:
        return pending
    report = msgspec.structs.replace(pending.report, asked_after=number)
    return msgspec.structs.replace(pending, report=report)
