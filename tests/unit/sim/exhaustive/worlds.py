"""States to begin from: our VM, seen where it runs, and what the server knows then."""

import msgspec

from vmuster.model.states import DesiredState
from vmuster.sim.exhaustive.deeds import Order
from vmuster.sim.exhaustive.intake import Intake, Taken
from vmuster.sim.exhaustive.knowledge import Known
from vmuster.sim.exhaustive.looks import Report, accounts
from vmuster.sim.exhaustive.numbers import newest
from vmuster.sim.exhaustive.setting import RECORD
from vmuster.sim.exhaustive.truth import ActedOn, Truth, beginning

START = beginning(ActedOn.OURS)


def looked_at(known: Known, truth: Truth = START, host: int = 0, number: int = 0) -> Taken:
    """What `known` becomes by the nth look that is possible at `host`; it knows all numbers."""
    report = Report(account=accounts(truth, host)[number], asked_after=newest(known))
    return Intake().take(known, host, report)


def seen() -> Known:
    """Our VM was seen at home."""
    return looked_at(Known()).known


def unwanted() -> Taken:
    """The pass that ends our VM, since a person wanted it stopped."""
    wanted = msgspec.structs.replace(RECORD, desired=DesiredState.STOPPED)
    return looked_at(Known(record=wanted))


def stop() -> Order:
    """The order of that pass."""
    return Order(command=unwanted().commands[0])
