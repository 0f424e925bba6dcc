"""Whether a call reaches a simulated daemon, and comes back: all that can go wrong on the way.

There is no clock here: the deadline of a call that hangs has simply passed. As with the real one,
a connection of an earlier life of the daemon never heals, looks that hung stay hung until the
driver is opened anew, and while an act on a VM hangs no other is begun on it.
"""

from vmuster.drivers.rules import another_host, still_hangs
from vmuster.drivers.simulated.hypervisor import Hang, SimulatedHypervisor
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.ports.driver import DriverError


class Reach:
    """The connections of one driver to one simulated host."""

    def __init__(self, hypervisor: SimulatedHypervisor) -> None:
        self._hypervisor = hypervisor
        self._life = 0
        self._host: HostUuid | None = None
        self._looks_hung = False
        self._hung: dict[VmUuid, bool] = {}
        """VMs on which a call hangs, and whether its deed was asked for."""

    def open(self) -> None:
        """Connect anew. Raises `DriverError` where the host opened first does not answer."""
        self.close()
        self.ping()
        self._life, self._host = self._hypervisor.life, self._hypervisor.uuid

    def close(self) -> None:
        """Let go."""
        self._life, self._looks_hung = 0, False

    def ping(self) -> None:
        """A call on a connection of its own, to the host that was opened if one was."""
        self._call()
        self._insist()

    def look(self) -> None:
        """A call on the connection of looks."""
        self._connected()
        self._looks_hung = self._looks_hung or self._silent
        if self._looks_hung:
            raise DriverError("no answer in time", broken=True)

    def act(self, vm: VmUuid) -> None:
        """A call on a connection for acts, up to the moment at which the judge is asked."""
        self._connected()
        self._refuse_hung(vm)
        if self._hypervisor.faults.hang is not Hang.AFTER and self._silent:
            raise self.given_up(vm, begun=False)
        self._insist()

    def deed(self, vm: VmUuid) -> None:
        """The deed itself is asked for; the daemon may have ended, or hang, since the judge was."""
        if self._hypervisor.faults.dead:
            raise DriverError("the daemon ended", unknown=True, broken=True)
        if self._hypervisor.faults.hang is not Hang.AFTER and self._silent:
            raise self.given_up(vm, begun=True)

    def answer(self, vm: VmUuid) -> None:
        """The deed is done, and the answer to it is on its way."""
        if self._hypervisor.faults.hang is Hang.AFTER:
            raise self.given_up(vm, begun=True)

    def given_up(self, vm: VmUuid, *, begun: bool) -> DriverError:
        """The deadline has passed; a deed that had not begun by then is never done."""
        self._hung[vm] = begun
        return DriverError("no answer in time", unknown=begun)

    @property
    def _silent(self) -> bool:
        return self._hypervisor.faults.gone or self._hypervisor.faults.hang is not Hang.NO

    def _call(self) -> None:
        """What a new connection comes to."""
        if self._silent:
            raise DriverError("no answer in time", broken=True)
        if self._hypervisor.faults.dead:
            raise DriverError("cannot connect to the daemon", broken=True)

    def _connected(self) -> None:
        if self._life != self._hypervisor.life or self._hypervisor.faults.dead:
            raise DriverError("not connected", broken=True)

    def _insist(self) -> None:
        """Another host behind the same address is not the one that was opened."""
        if self._host is not None and self._host != self._hypervisor.uuid:
            raise another_host(self._hypervisor.uuid, self._host)

    def _refuse_hung(self, vm: VmUuid) -> None:
        domain = self._hypervisor.domains.get(vm)
        frozen = domain is not None and domain.frozen
        if not frozen and not self._silent:
            _ = self._hung.pop(vm, None)
        if vm in self._hung:
            raise still_hangs(begun=self._hung[vm])
