"""The layers of defence that can be switched off, so that what stands behind them is put to the
test. Each is off exactly where a bug names it; a bug that is found with all of them on names none.
"""

import math
from collections.abc import Callable, Collection
from typing import Any, Final

import msgspec

from vmuster.agent.observer import Unlisted
from vmuster.drivers.simulated.domain import Domain
from vmuster.model.ids import VmUuid
from vmuster.model.messages import Delivered
from vmuster.model.operations import Operation
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import PowerState
from vmuster.model.vm import Sighting
from vmuster.model.wire import read
from vmuster.ports.driver import Listing
from vmuster.reconcile.pairing import Pair
from vmuster.reconcile.recorded import Recorded
from vmuster.server.passes.intake import take_in
from vmuster.sim.planted.bug import Layer
from vmuster.sim.planted.patch import Misplaced, Patch, instead, patch, says, without

_GUARD: Final = "vmuster.agent.guard"
_SAME_MARK: Final = "it does not bear the mark that it bore when this was decided"
_ONE_MARK: Final = "its running and its stored definition bear different marks"
_OTHER_MARK: Final = "its stored definition bears a mark that was not seen when this was decided"
_GOOD_MARK: Final = "its mark is not a good mark of ours for it"
_GENERATION: Final = "its mark is of another generation than was proved"
_TABLES: Final = ("STOP_CHECKS", "START_CHECKS", "MARK_CHECKS", "UNMARK_CHECKS")


def everywhere(reason: str) -> tuple[Patch, ...]:
    """The guard, for every act, without this check."""
    return tuple(without(f"{_GUARD}:{table}", reason) for table in _TABLES)


def _unasked(_before: Any) -> Any:
    async def confirm(
        self: Any,  # noqa: ARG001
        listing: Listing,
        missing: Collection[VmUuid],  # noqa: ARG001
    ) -> tuple[Listing, Unlisted]:
        return listing, Unlisted()

    return confirm


def unconfirmed(before: Any) -> Any:
    """A pass that takes a VM for confirmed absent wherever it is not seen."""

    def absent(pair: Pair, recorded: Recorded, report: HostReport, policy: Policy) -> Any:
        said = msgspec.structs.replace(report, absent=(*report.absent, pair.uuid))
        return before(pair, recorded, said, policy)

    return absent


def _always_writable(before: Any) -> Any:
    async def opened(self: Any, *, read_only: bool) -> Any:
        facts = await before(self, read_only=read_only)
        self._read_only = False
        return facts

    return opened


def _believing(before: Any) -> Any:
    def observe(self: Any, domain: Domain) -> Any:
        seen = before(self, domain)
        known = seen.power is not PowerState.UNKNOWN or domain.power is PowerState.UNKNOWN
        return seen if known else msgspec.structs.replace(seen, power=domain.power)

    return observe


def _at_once(_before: Any) -> Any:
    async def hear(self: Any, delivered: Delivered) -> str:
        return await take_in(self._context, self._conversations, read(delivered))

    return hear


def _without_a_past(before: Any) -> Any:
    def now(self: Any) -> Any:
        self._past_epoch = -1
        return before(self)

    return now


def _no_sightings(_pair: Pair) -> tuple[Sighting, ...]:
    return ()


def _not_unique(kind: type[msgspec.Struct], column: str) -> Callable[[Any], Any]:
    """The kinds of rows, one of them without the rule that this column is unique."""

    def make(kinds: Any) -> Any:
        rules = tuple(rule for rule in kinds[kind].unique if column not in rule.columns)
        if len(rules) == len(kinds[kind].unique):
            raise Misplaced(f"no rule of {kind.__name__} is about {column}")
        return {**kinds, kind: msgspec.structs.replace(kinds[kind], unique=rules)}

    return make


_ALL: Final = (
    Layer(
        name="the second opinion",
        what="the laws, restated over the finished plan (reconcile/laws.py)",
        patches=(says("vmuster.reconcile.laws:violations", {}),),
    ),
    Layer(
        name="the guard's look at marks",
        what="the agent reads and verifies the mark of the live VM, and compares it",
        patches=(
            without(f"{_GUARD}:STOP_CHECKS", _SAME_MARK, _ONE_MARK, _GOOD_MARK, _GENERATION),
            without(f"{_GUARD}:START_CHECKS", _SAME_MARK, _ONE_MARK, _GOOD_MARK),
            without(f"{_GUARD}:UNMARK_CHECKS", _SAME_MARK, _OTHER_MARK, _GOOD_MARK, _GENERATION),
        ),
    ),
    Layer(
        name="the guard's look at the epoch",
        what="the agent refuses an order of another connection",
        patches=everywhere("the order was decided in another connection than this one"),
    ),
    Layer(
        name="the guard's look at the mode",
        what="the agent refuses what the mode of its host does not allow",
        patches=everywhere("the host's mode does not allow it"),
    ),
    Layer(
        name="the guard's look at the quarantine",
        what="the agent refuses any order while the fleet is in quarantine",
        patches=everywhere("the fleet is in quarantine"),
    ),
    Layer(
        name="the guard's look at grants",
        what="the agent stops by name only where a true grant is in force",
        patches=(
            without(
                f"{_GUARD}:STOP_CHECKS",
                "no grant in force allows it",
                "the grant is not a true one of this fleet",
            ),
        ),
    ),
    Layer(
        name="the guard's look at the VM's state",
        what="the agent starts only what is plainly stopped, and did not leave by a migration",
        patches=(
            without(
                f"{_GUARD}:START_CHECKS",
                "it is not plainly stopped",
                "it left this host by a migration, and may run where it went",
            ),
        ),
    ),
    Layer(
        name="the read-only connection",
        what="a hypervisor is opened for reading alone where nothing may be changed",
        patches=(patch("vmuster.drivers.simulated.driver:SimulatedDriver.open", _always_writable),),
    ),
    Layer(
        name="the look for what a list lacks",
        what="the agent asks the hypervisor and the witness for each VM that a list lacks",
        patches=(patch("vmuster.agent.observer:Observer._confirm", _unasked),),
    ),
    Layer(
        name="the witness of stops",
        what="what is called stopped for no reason is unknown, where a process may be left",
        patches=(patch("vmuster.drivers.simulated.driver:SimulatedDriver._observe", _believing),),
    ),
    Layer(
        name="the confirmation of absence",
        what="a pass takes no VM for missing whose absence its agent has not confirmed",
        patches=(patch("vmuster.reconcile.decide:absent", unconfirmed),),
    ),
    Layer(
        name="the doubt of an empty list",
        what="a pass learns nothing from an empty list that does not account for the VMs that were",
        patches=tuple(
            says(f"vmuster.reconcile.{module}:unaccounted", frozenset[VmUuid]())
            for module in ("engine", "pairing", "looks")
        ),
    ),
    Layer(
        name="the sightings of other hosts",
        what="a VM that is seen on two hosts, or left one of them, is neither started nor stopped",
        patches=tuple(
            instead(f"vmuster.reconcile.pairing:Pair.{each}", property(_no_sightings))
            for each in ("copies", "left")
        ),
    ),
    Layer(
        name="the agent's memory of epochs",
        what="an agent obeys no server that gives an epoch twice",
        patches=(patch("vmuster.agent.loop:Agent._now", _without_a_past),),
    ),
    Layer(
        name="the database's rule on keys",
        what="no two operations have one idempotency key of one actor",
        patches=(patch("vmuster.stores.memory:KINDS", _not_unique(Operation, "idempotency_key")),),
    ),
    Layer(
        name="the sweep's end of what is overdue",
        what="an operation ends though no look comes",
        patches=(says("vmuster.server.watch.sweep:overdue", None),),
    ),
    Layer(
        name="the hourly pass over everything",
        what="an account is judged whole once in an hour, though nothing has changed",
        patches=(instead("vmuster.server.passes.accounts:_SETTLED_SECONDS", math.inf),),
    ),
    Layer(
        name="one transaction after another",
        what="the passes of one server take turns",
        patches=(patch("vmuster.server.passes.hearing:Hearing.hear", _at_once),),
    ),
)
LAYERS: Final = {layer.name: layer for layer in _ALL}
