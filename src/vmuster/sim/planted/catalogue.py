"""Every planted bug, by its name."""

from collections.abc import Mapping
from typing import Final

from vmuster.sim.planted.bounding import BOUNDING
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.concluding import CONCLUDING
from vmuster.sim.planted.deciding import DECIDING
from vmuster.sim.planted.knowing import KNOWING
from vmuster.sim.planted.looking import LOOKING
from vmuster.sim.planted.obeying import OBEYING
from vmuster.sim.planted.ordering import ORDERING
from vmuster.sim.planted.proving import PROVING
from vmuster.sim.planted.serving import SERVING

CATALOGUE: Final[Mapping[str, Planted]] = {
    bug.name: bug
    for bug in (
        *LOOKING,
        *OBEYING,
        *PROVING,
        *CONCLUDING,
        *BOUNDING,
        *ORDERING,
        *SERVING,
        *DECIDING,
        *KNOWING,
    )
}
