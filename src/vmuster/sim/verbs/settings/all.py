"""Every setting."""

from typing import Final

from vmuster.sim.verbs.settings.hosts import HOSTS
from vmuster.sim.verbs.settings.policies import POLICIES
from vmuster.sim.verbs.settings.vms import VMS

SETTINGS: Final = (*HOSTS, *POLICIES, *VMS)
