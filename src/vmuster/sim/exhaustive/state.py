"""All of the small world as one value: what is true, what is known, what is on its way.

Beside it stands what only the laws need: since when a VM has run without a break.
"""

from enum import IntEnum

import msgspec

from vmuster.sim.exhaustive.deeds import Order
from vmuster.sim.exhaustive.knowledge import Known
from vmuster.sim.exhaustive.looks import Report
from vmuster.sim.exhaustive.truth import ActedOn, Truth, beginning

Pair = tuple[bool, bool]
"""One for each host."""


class Shown(IntEnum):
    """Whether a host has shown our VM running, and it has run there without a break since."""

    NO = 0
    LEFT = 1
    """A later account of it, not an empty one, lacks the VM or does not say that it runs."""
    BARE = 2
    """Without its mark."""
    MARKED = 3


class Pending(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """A report on its way. `ran`: where a process of our VM lived at the look, and does since."""

    report: Report
    ran: Pair


class State(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """One moment. `reports`: at most one on its way from each host. `orders`: at most one on its
    way to each VM, ours and the stranger: its last."""

    truth: Truth
    known: Known
    reports: tuple[Pending | None, Pending | None] = (None, None)
    orders: tuple[Order | None, Order | None] = (None, None)
    shown: tuple[Shown, Shown] = (Shown.NO, Shown.NO)


def first(acted_on: ActedOn) -> State:
    """Our VM was adopted, and runs; nothing was reported yet."""
    return State(truth=beginning(acted_on), known=Known())


def unbroken(before: Truth, after: Truth) -> Pair:
    """On which hosts a process of our VM that lived before lives on."""
    return (
        before.running[0] and after.running[0],
        before.running[1] and after.running[1],
    )
