"""Every verb there is, in one grammar."""

from typing import Final

from vmuster.sim.verbs.expecting.all import EXPECTATIONS
from vmuster.sim.verbs.faults.all import FAULTS
from vmuster.sim.verbs.hands.all import HANDS
from vmuster.sim.verbs.requests.all import REQUESTS
from vmuster.sim.verbs.settings.all import SETTINGS
from vmuster.sim.verbs.verb import Grammar

GRAMMAR: Final = Grammar([*SETTINGS, *REQUESTS, *HANDS, *FAULTS, *EXPECTATIONS])
