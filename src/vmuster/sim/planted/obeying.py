"""Bugs of the agent's hands: what it carries out, how often, and whether it looks before."""

from typing import Any, Final

import msgspec

from vmuster.agent.moment import Moment
from vmuster.model.commands import StopVm
from vmuster.model.ids import CommandId
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.layers import everywhere
from vmuster.sim.planted.patch import patch, says, without

_GUARD: Final = "vmuster.agent.guard"
_JOURNAL: Final = "vmuster.agent.journal:Journal"


def _in_memory_alone(_before: Any) -> Any:
    def begin(self: Any, command: CommandId) -> None:
        with self._turn:
            self._known[command] = None

    return begin


def _judged_once(before: Any) -> Any:
    """After the grace what was judged before it is judged again."""
    first: dict[CommandId, Moment] = {}

    def permit(moment: Moment, command: StopVm) -> Any:
        if moment.asked is None:
            first[command.id] = moment
            return before(moment, command)
        return before(msgspec.structs.replace(first[command.id], asked=moment.asked), command)

    return permit


OBEYING: Final = (
    Planted(
        name="the-journal-is-not-read",
        what="A command that comes again is carried out again.",
        laws=("L3",),
        patches=(says(f"{_JOURNAL}.answer", None),),
        off=("the guard's look at the epoch",),
        shape="agents that die",
    ),
    Planted(
        name="the-journal-is-written-after-the-deed",
        what="Nothing of a command is durable before it is carried out.",
        laws=("L3",),
        patches=(patch(f"{_JOURNAL}.begin", _in_memory_alone), says(f"{_JOURNAL}.ask", None)),
        off=("the guard's look at the epoch",),
        shape="agents that die",
    ),
    Planted(
        name="a-guest-is-asked-and-nobody-remembers",
        what="That a guest is asked to shut down is not written down before it is.",
        laws=("L3",),
        patches=(says(f"{_JOURNAL}.ask", None),),
        shape="agents that die",
    ),
    Planted(
        name="an-order-of-another-connection-is-obeyed",
        what="The agent does not compare the epoch of an order with its own.",
        laws=("L3", "L5"),
        patches=everywhere("the order was decided in another connection than this one"),
        shape="journals that are lost",
    ),
    Planted(
        name="an-order-is-obeyed-for-ever",
        what="The agent does not ask how old an order is.",
        laws=("L3",),
        patches=everywhere("the order is too old"),
        shape="graces longer than their orders",
    ),
    Planted(
        name="the-guard-is-not-asked-after-the-grace",
        what="A guest that did not obey is ended by what was judged before its grace.",
        laws=("L1",),
        patches=(patch("vmuster.agent.executor:permit_stop", _judged_once),),
        shape="marks lost in the grace",
    ),
    Planted(
        name="no-process-is-looked-for-before-a-start",
        what="A VM is started without asking the witness whether a process of it is left.",
        laws=("L2",),
        patches=(
            without(
                f"{_GUARD}:START_CHECKS",
                "a process of it is running",
                "no witness can tell whether a process of it is running",
            ),
            says("vmuster.drivers.simulated.driver:why_not_startable", ""),
        ),
        off=("the witness of stops",),
        shape="daemons that forget",
    ),
)
