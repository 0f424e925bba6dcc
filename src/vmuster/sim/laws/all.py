"""Every law that is checked. Convergence heals the world at the end, and comes before the rest."""

from typing import Final

from vmuster.sim.laws.audit import Audit
from vmuster.sim.laws.budgets import Budgets
from vmuster.sim.laws.convergence import Convergence
from vmuster.sim.laws.copies import Copies
from vmuster.sim.laws.crashes import Crashes
from vmuster.sim.laws.high_water import HighWater
from vmuster.sim.laws.law import Law
from vmuster.sim.laws.memory import Memory
from vmuster.sim.laws.observation import Observation
from vmuster.sim.laws.order import Order
from vmuster.sim.laws.ours import Ours
from vmuster.sim.laws.requests import Requests

LAWS: Final[tuple[type[Law], ...]] = (
    Convergence,
    Ours,
    Copies,
    Requests,
    HighWater,
    Observation,
    Order,
    Budgets,
    Memory,
    Audit,
    Crashes,
)
