"""A command meets the live VM: the shipped guard judges it in the call that acts.

The drivers' own refusals are left out, but for what can't be done at all: the guard stands alone.
"""

from typing import Final
from uuid import UUID

import msgspec

from vmuster.agent.guard import permit_mark, permit_start, permit_stop, permit_unmark
from vmuster.agent.judge import Judge
from vmuster.model.commands import Command, MarkVm, StartVm, StopVm, UnmarkVm
from vmuster.model.ids import VmUuid
from vmuster.model.permits import LiveVm, Refusal
from vmuster.sim.exhaustive.setting import EPOCH, HOSTS, OURS, SETTINGS
from vmuster.sim.exhaustive.truth import (
    ENDED,
    ON,
    SAVED,
    Truth,
    live,
    observed,
    powered,
)


class Order(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """A command on its way. `earlier`: it was decided in a connection that stands no more."""

    command: Command
    earlier: bool = False

    @property
    def host(self) -> int:
        """The number of the host that it is for."""
        return HOSTS.index(self.command.host)

    @property
    def words(self) -> str:
        """The order in a few words."""
        what = self.command.__struct_config__.tag
        return f"{what} of {self.command.name} on host {self.command.host}"


class _StillClock:
    """Implements `ports.clock.Clock`: no time passes between an order and its judgement."""

    def now(self) -> float:
        return 0.0

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits {seconds} s for a judgement")

    def uuid(self) -> UUID:
        raise AssertionError("nobody needs an id for a judgement")


class _Sure:
    """Implements `ports.driver.Witness`: it sees what is true of the one VM that is asked for."""

    answer_seconds: float = 1.0

    def __init__(self, vm: VmUuid, process: bool) -> None:
        self._vm = vm
        self._process = process

    def holds(self, vm: VmUuid) -> bool | None:
        return self._process if vm == self._vm else None

    def held(self) -> frozenset[VmUuid] | None:
        return None

    def process(self, vm: VmUuid) -> str:
        del vm
        return ""

    def strange(self) -> frozenset[VmUuid]:
        return frozenset()

    def alive(self) -> bool | None:
        return True


_CLOCK: Final = _StillClock()


class Guards:
    """Judges orders by the shipped guard, and remembers each judgement."""

    def __init__(self) -> None:
        self._judged: dict[tuple[Order, LiveVm, bool], str] = {}

    def refusal(self, order: Order, truth: Truth) -> str | None:
        """Why `order` is not carried out, were it heard now; "" where it is. None: the agent has
        no hypervisor, or no such VM, to try it on."""
        vm, host = order.command.vm, order.host
        seen = next((one for one in observed(truth, host) if one.uuid == vm), None)
        if truth.down[host] or seen is None:
            return None
        process = truth.places[host].process if vm == OURS else truth.stranger == ON
        key = (order, live(seen), process)
        if key not in self._judged:
            self._judged[key] = _judged(*key)
        return self._judged[key]


def carried_out(order: Order, truth: Truth) -> Truth:
    """`truth` after the deed."""
    command = order.command
    match command:
        case StopVm(vm=vm) if vm == OURS:
            domain = truth.places[order.host].domain
            runs = domain is not None and domain.runs
            return powered(truth, order.host, ENDED) if runs else truth
        case StopVm():
            return msgspec.structs.replace(truth, stranger=SAVED) if truth.stranger == ON else truth
        case StartVm():
            return powered(truth, order.host, ON)
        case MarkVm() | UnmarkVm():
            return truth


def _judged(order: Order, seen: LiveVm, process: bool) -> str:
    command = order.command
    told = (SETTINGS[order.host], EPOCH + order.earlier)
    judge = Judge(command, lambda: told, 0.0, _Sure(seen.uuid, process), _CLOCK)
    match command:
        case StopVm():
            answer = judge.by(lambda moment: permit_stop(moment, command))(seen)
        case StartVm():
            answer = judge.by(permit_start)(seen)
        case MarkVm():
            answer = judge.by(lambda moment: permit_mark(moment, command))(seen)
        case UnmarkVm():
            answer = judge.by(permit_unmark)(seen)
    return answer.reason if isinstance(answer, Refusal) else ""
