"""Every request."""

from typing import Final

from vmuster.sim.verbs.requests.arming import ARMING
from vmuster.sim.verbs.requests.errands import ERRANDS
from vmuster.sim.verbs.requests.fleet import FLEET
from vmuster.sim.verbs.requests.hosts import HOSTS
from vmuster.sim.verbs.requests.vms import VMS

REQUESTS: Final = (*VMS, *HOSTS, *ARMING, *FLEET, *ERRANDS)
