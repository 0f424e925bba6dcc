"""Every deed by hand."""

from typing import Final

from vmuster.sim.verbs.hands.copies import COPIES
from vmuster.sim.verbs.hands.machines import MACHINES
from vmuster.sim.verbs.hands.marks import MARKS
from vmuster.sim.verbs.hands.moves import MOVES
from vmuster.sim.verbs.hands.power import POWER

HANDS: Final = (*POWER, *COPIES, *MOVES, *MARKS, *MACHINES)
