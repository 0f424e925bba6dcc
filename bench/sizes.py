"""How large a bench is run: its options."""

import msgspec

from bench.fleets import Shape
from vmuster.model.states import PowerState


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """`hosts` with `vms` each; `small_hosts`: of the fleet that growth is measured from, the same
    VMs on each; figures are medians of `repeats` runs; `seconds`: how long one run of a load
    lasts."""

    hosts: int = 10_000
    small_hosts: int = 200
    vms: int = 50
    repeats: int = 3
    seconds: float = 2.0

    def shape(self, power: PowerState = PowerState.RUNNING) -> Shape:
        """The whole fleet."""
        return Shape(hosts=self.hosts, vms=self.vms, power=power)

    def small(self) -> Shape:
        """The fleet that growth is measured from."""
        return Shape(hosts=min(self.small_hosts, self.hosts), vms=self.vms)
