"""An in-memory hypervisor with the habits of libvirt over QEMU.

It keeps apart what the daemon knows (`domains`) and what truly runs (`processes`), so that the
daemon can lose its state while VMs run on. Nothing here has a clock, a thread or chance: what
happens is what a test, or the simulation, calls. Acts by hand are methods of this class; acts of
the product come through `driver.py` and are counted in `acts`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import count

from vmuster.drivers.simulated.domain import Domain
from vmuster.model.host import HostFacts
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.states import PowerReason, PowerState


class HandError(Exception):
    """The hypervisor refuses an act by hand, as the real one does."""


class Hang(Enum):
    """When the daemon stops answering: before it does anything, or after it has done it."""

    NO = "no"
    BEFORE = "before"
    AFTER = "after"


@dataclass(kw_only=True)
class Faults:
    """What is wrong with the host; each stays until it is taken back.

    `dead`: its daemon. `gone`: the host itself, or the way to it: nothing there answers, and who
    was connected is when it is back. `hidden`: VMs that are left out of every list that claims to
    be whole; asked for by their uuid, they are there.
    """

    dead: bool = False
    gone: bool = False
    listing_fails: bool = False
    empty_listing: bool = False
    hang: Hang = Hang.NO
    sick: set[VmUuid] = field(default_factory=set[VmUuid])
    hidden: set[VmUuid] = field(default_factory=set[VmUuid])
    save_fails: bool = False


class SimulatedHypervisor:
    """One host. `life` counts the daemon's starts: a connection of an earlier life is broken."""

    def __init__(self, name: str, uuid: HostUuid, boot_id: str = "boot-1") -> None:
        self.name = name
        self.uuid = uuid
        self.boot_id = boot_id
        self.domains: dict[VmUuid, Domain] = {}
        self.processes: set[VmUuid] = set()
        self.acts: Counter[tuple[VmUuid, str]] = Counter()
        self.faults = Faults()
        self.life = 1
        self._runs = count(1)
        self._listeners: list[Callable[[VmUuid | None], None]] = []

    @property
    def facts(self) -> HostFacts:
        """What it says of its host."""
        return HostFacts(
            uuid=self.uuid,
            boot_id=self.boot_id,
            hypervisor="simulated",
            version="1",
            hostname=self.name,
        )

    def listen(self, listener: Callable[[VmUuid | None], None]) -> None:
        """Call `listener` at every event."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[VmUuid | None], None]) -> None:
        """Call it no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def ring(self, vm: VmUuid | None) -> None:
        """An event of this VM; None: the connection ended."""
        if vm is None or not (self.faults.dead or self.faults.gone):
            for listener in tuple(self._listeners):
                listener(vm)

    def acted(self, domain: Domain, what: str) -> None:
        """The product changes this VM, at this moment."""
        self.acts[domain.uuid, what] += 1

    def acts_on(self, vm: VmUuid) -> int:
        """How often the product changed this VM: never, for what is not ours."""
        return sum(count for (acted_on, _act), count in self.acts.items() if acted_on == vm)

    # What a person does by hand, past the product.

    def define(
        self,
        vm: VmUuid,
        name: str,
        *,
        mark: RawMark | None = None,
        running: bool = False,
        deaf: bool = False,
    ) -> Domain:
        """A new VM. A name or uuid that is taken is refused."""
        if vm in self.domains or any(known.name == name for known in self.domains.values()):
            raise HandError("the name or the uuid is taken")
        domain = Domain(uuid=vm, name=name, config_mark=mark, deaf=deaf)
        self.domains[vm] = domain
        self.ring(vm)
        if running:
            self.start(vm)
        return domain

    def start(self, vm: VmUuid) -> None:
        """Start a VM; a saved one continues with the live mark it had."""
        domain = self._domain(vm)
        if domain.active:
            raise HandError("it is running already")
        if not domain.saved:
            domain.live_mark = domain.config_mark
        domain.saved = False
        self._set(domain, PowerState.RUNNING, PowerReason.UNKNOWN)

    def destroy(self, vm: VmUuid) -> None:
        """Pull the plug."""
        self._end(vm, PowerState.STOPPED, PowerReason.HAND)

    def guest_shutdown(self, vm: VmUuid) -> None:
        """The guest powers itself off."""
        self._end(vm, PowerState.STOPPED, PowerReason.GUEST)

    def crash(self, vm: VmUuid) -> None:
        """The guest panics, or its process dies."""
        self._end(vm, PowerState.CRASHED, PowerReason.CRASHED)

    def save(self, vm: VmUuid) -> None:
        """Memory to disk."""
        if not self._domain(vm).persistent:
            raise HandError("a transient VM can't be saved")
        live_mark = self._domain(vm).live_mark
        self._end(vm, PowerState.STOPPED, PowerReason.SAVED)
        self.domains[vm].saved = True
        self.domains[vm].live_mark = live_mark

    def pause(self, vm: VmUuid, reason: PowerReason = PowerReason.HAND) -> None:
        """Halt a running VM in its tracks."""
        domain = self._domain(vm)
        if domain.power is not PowerState.RUNNING:
            raise HandError("it is not running")
        self._set(domain, PowerState.PAUSED, reason)

    def resume(self, vm: VmUuid) -> None:
        """Let a paused VM go on."""
        domain = self._domain(vm)
        if domain.power is not PowerState.PAUSED:
            raise HandError("it is not paused")
        self._set(domain, PowerState.RUNNING, PowerReason.UNKNOWN)

    def rename(self, vm: VmUuid, name: str) -> None:
        """Another name; only while inactive. Marks stay."""
        domain = self._domain(vm)
        if domain.active:
            raise HandError("a running VM can't be renamed")
        domain.name = name
        self.ring(vm)

    def redefine(self, vm: VmUuid) -> None:
        """Define it again by XML without metadata: the config mark is gone, the live one stays."""
        domain = self._domain(vm)
        domain.config_mark = None
        domain.persistent = True
        self.ring(vm)

    def clone(self, vm: VmUuid, copy: VmUuid, name: str) -> Domain:
        """A new VM from this one's XML, its mark included."""
        return self.define(copy, name, mark=self._domain(vm).mark)

    def undefine(self, vm: VmUuid) -> None:
        """Drop the config: a running VM becomes transient, any other is gone."""
        domain = self._domain(vm)
        domain.persistent = False
        domain.config_mark = None
        if not domain.active:
            del self.domains[vm]
        self.ring(vm)

    def migrate(
        self, vm: VmUuid, target: "SimulatedHypervisor", *, leave_source: bool = False
    ) -> None:
        """Move a running VM. The target keeps its config too; no event tells the source's listeners
        of a VM that was undefined there, as with libvirt."""
        domain = self._domain(vm)
        if not domain.active:
            raise HandError("it is not running")
        if vm in target.processes:
            raise HandError("the target runs it already")
        target.take_in(replace(domain))
        self.processes.discard(vm)
        if leave_source:
            self._set(domain, PowerState.STOPPED, PowerReason.MIGRATED)
        else:
            del self.domains[vm]

    def take_in(self, domain: Domain) -> None:
        """A running VM arrives from another host."""
        self.domains[domain.uuid] = domain
        self._set(domain, PowerState.RUNNING, PowerReason.MIGRATED)

    def reboot(self) -> None:
        """The host goes down and comes up: every process is gone, and so are transient VMs."""
        self.boot_id = f"boot-{int(self.boot_id.removeprefix('boot-')) + 1}"
        self.processes.clear()
        self.domains = {vm: domain for vm, domain in self.domains.items() if domain.persistent}
        for domain in self.domains.values():
            domain.power, domain.reason = PowerState.STOPPED, PowerReason.UNKNOWN
        self.kill_daemon()
        self.start_daemon()

    def kill_daemon(self) -> None:
        """The daemon dies; VMs run on, and may end unseen."""
        self.faults.dead = True
        self.ring(None)

    def start_daemon(self) -> None:
        """A new life of the daemon: it finds VMs that run, and forgot why the others stopped."""
        self.life += 1
        self.faults.dead = False
        for domain in self.domains.values():
            if not domain.active:
                domain.power, domain.reason = PowerState.STOPPED, PowerReason.UNKNOWN

    def forget_state(self) -> None:
        """The daemon loses what it knew of its VMs, which run on."""
        self.domains.clear()

    def _domain(self, vm: VmUuid) -> Domain:
        if vm not in self.domains:
            raise HandError("no such VM")
        return self.domains[vm]

    def _set(self, domain: Domain, power: PowerState, reason: PowerReason) -> None:
        domain.power, domain.reason = power, reason
        if domain.active:
            domain.run = domain.run if domain.uuid in self.processes else next(self._runs)
            self.processes.add(domain.uuid)
        else:
            self.processes.discard(domain.uuid)
        self.ring(domain.uuid)

    def _end(self, vm: VmUuid, power: PowerState, reason: PowerReason) -> None:
        domain = self._domain(vm)
        if not domain.active:
            raise HandError("it is not running")
        domain.live_mark, domain.frozen = None, False
        if not domain.persistent:
            del self.domains[vm]
        self._set(domain, power, reason)


class SimulatedWitness:
    """A look at one simulated host, past its daemon. `blind`: there is no way to tell."""

    answer_seconds: float = 2.0

    def __init__(self, hypervisor: SimulatedHypervisor, *, blind: bool = False) -> None:
        self._hypervisor = hypervisor
        self.blind = blind

    def holds(self, vm: VmUuid) -> bool | None:
        """Whether a process holds this VM; None where blind, or where the host is gone."""
        held = self.held()
        return None if held is None else vm in held

    def held(self) -> frozenset[VmUuid] | None:
        """Every VM that a process holds; None where blind, or where the host is gone."""
        hidden = self.blind or self._hypervisor.faults.gone
        return None if hidden else frozenset(self._hypervisor.processes)

    def process(self, vm: VmUuid) -> str:
        """Its run, where the daemon knows of it; empty where blind, or where the host is gone."""
        hypervisor = self._hypervisor
        run = hypervisor.domains[vm].run if vm in hypervisor.domains else 0
        return f"{hypervisor.name}:{run}" if run and self.holds(vm) else ""

    def strange(self) -> frozenset[VmUuid]:
        """None: a simulated host has one hypervisor."""
        return frozenset()

    def alive(self) -> bool | None:
        """Whether the host is there; None where blind."""
        return None if self.blind else not self._hypervisor.faults.gone
