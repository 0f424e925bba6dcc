"""Every fault, and every heal."""

from typing import Final

from vmuster.sim.verbs.faults.clocks import CLOCKS
from vmuster.sim.verbs.faults.daemons import DAEMONS
from vmuster.sim.verbs.faults.databases import DATABASES
from vmuster.sim.verbs.faults.disks import DISKS
from vmuster.sim.verbs.faults.mending import MENDING
from vmuster.sim.verbs.faults.network import NETWORK
from vmuster.sim.verbs.faults.servers import SERVERS

FAULTS: Final = (*NETWORK, *DAEMONS, *DISKS, *SERVERS, *DATABASES, *CLOCKS, *MENDING)
