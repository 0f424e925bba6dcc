"""L1: nothing is done to a VM that is not provably ours, nor to a host that forbids it.

Judged at the moment of the deed, from the VM as it truly is and the command behind the deed, each
check by itself. What a mark is worth is not asked of any key: the world knows which marks the
product wrote.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from vmuster.model.commands import Command, MarkVm, StartVm, StopVm, UnmarkVm
from vmuster.model.ids import CommandId
from vmuster.model.mark import parse_mark
from vmuster.model.names import is_canonical
from vmuster.model.operations import AUTOMATIC
from vmuster.model.states import HostMode, OperationKind, ProofKind, UnknownVms
from vmuster.sim.laws.issuing import Issued, truly_issued
from vmuster.sim.laws.knowing import bears_ours, shown_running
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.truth import Act, Committed, Truth
from vmuster.sim.world.world import World

_DEEDS: Final[dict[type[Command], frozenset[str]]] = {
    StartVm: frozenset({"start"}),
    StopVm: frozenset({"shutdown", "force", "save"}),
    MarkVm: frozenset({"mark"}),
    UnmarkVm: frozenset({"unmark"}),
}
_MANAGE, _CORDONED, _MAINTENANCE = HostMode.MANAGE, HostMode.CORDONED, HostMode.MAINTENANCE
_MODES: Final[dict[type[Command], frozenset[HostMode]]] = {
    StartVm: frozenset({_MANAGE, _CORDONED}),
    StopVm: frozenset({_MANAGE, _CORDONED, _MAINTENANCE}),
    MarkVm: frozenset({_MANAGE, _CORDONED}),
    UnmarkVm: frozenset({_MANAGE, _CORDONED, _MAINTENANCE}),
}
_LADDER: Final = tuple(UnknownVms)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A deed, and the command behind it as it was issued. `machine`: the one that the command's
    host is of. `copied`: when it was issued, both of two running copies had been shown."""

    act: Act
    command: Command
    order: Issued
    truth: Truth
    machine: SimHost | None
    copied: bool

    @property
    def kind(self) -> ProofKind | None:
        """What ownership was proved by; None for a deed that needs no proof."""
        return self.command.proof.kind if isinstance(self.command, StopVm | UnmarkVm) else None


class Check(msgspec.Struct, frozen=True):
    """One condition; `broken` is said where it does not hold. `when`: the deeds that it is for."""

    broken: str
    holds: Callable[[Case], bool]
    when: Callable[[Case], bool] = lambda _: True


def _marked(case: Case) -> bool:
    return case.kind is not ProofKind.NAME and not isinstance(case.command, MarkVm)


def _by_name(case: Case) -> bool:
    return case.kind is ProofKind.NAME


def _by_record(case: Case) -> bool:
    return case.kind is ProofKind.RECORD or isinstance(case.command, StartVm)


def _stray(case: Case) -> bool:
    return case.kind in (ProofKind.MARK, ProofKind.NAME)


def _is_mark(case: Case) -> bool:
    return isinstance(case.command, MarkVm)


def _mode_allows(case: Case) -> bool:
    host, command = case.order.host, case.command
    allowed = frozenset({_MANAGE}) if case.order.automatic else _MODES[type(command)]
    return host is not None and host.mode in allowed


def _asked_for(case: Case) -> bool:
    known = case.truth.operations.get(case.command.operation)
    return (
        known is not None
        and known[1].id in case.truth.personal
        and known[1].actor == case.command.actor
    )


def _for_this(case: Case, kind: OperationKind) -> bool:
    known = case.truth.operations.get(case.command.operation)
    return known is not None and (known[1].vm, known[1].kind) == (case.act.vm, kind)


def _at_home(case: Case) -> bool:
    record = case.order.record
    return record is not None and record.live and record.host in (None, case.command.host)


def _rung(case: Case) -> bool:
    cluster = case.order.cluster
    needed = UnknownVms.STOP_BY_NAME if _by_name(case) else UnknownVms.STOP_BY_MARK
    return cluster is not None and (
        _LADDER.index(cluster.policy.unknown_vms) >= _LADDER.index(needed)
    )


def _named_as_ours(case: Case) -> bool:
    fleet = case.order.fleet
    return fleet is not None and is_canonical(case.act.name, fleet.instance)


def _granted(case: Case) -> bool:
    cluster = case.order.cluster
    return cluster is not None and cluster.grant is not None


def _over_what_was_read(case: Case) -> bool:
    return isinstance(case.command, MarkVm) and case.act.mark == case.command.replaces


def _over_no_other_fleets(case: Case) -> bool:
    fleet, raw = case.order.fleet, case.act.mark
    there = None if raw is None else parse_mark(raw)
    return there is None or (fleet is not None and there.fleet == fleet.id)


CHECKS: Final[tuple[Check, ...]] = (
    Check("its command is of another kind", lambda c: c.act.what in _DEEDS[type(c.command)]),
    Check(
        "its command is for another host",
        lambda c: c.machine is not None and c.machine.name == c.act.host,
    ),
    Check("its host's mode did not allow it", _mode_allows),
    Check("nobody asked for it", _asked_for, when=lambda c: not c.command.automatic),
    Check(
        "it is signed by somebody, and is automatic",
        lambda c: c.command.actor == AUTOMATIC,
        when=lambda c: c.command.automatic,
    ),
    Check(
        "it bears no mark that the product wrote for it",
        lambda c: c.act.mark is not None and c.act.mark in c.truth.written.get(c.act.vm, ()),
        when=_marked,
    ),
    Check("no live record said that it lives there", _at_home, when=_by_record),
    Check("it runs on two hosts, and both had been shown", lambda c: not c.copied, when=_by_record),
    Check("it has no live record, and is not saved", lambda c: c.act.what == "save", when=_stray),
    Check("no policy allowed it", _rung, when=_stray),
    Check(
        "no tombstone stood behind it",
        lambda c: c.order.record is not None and not c.order.record.live,
        when=lambda c: c.kind is ProofKind.MARK,
    ),
    Check("there was a record of it", lambda c: c.order.record is None, when=_by_name),
    Check(
        "it bears a mark",
        lambda c: (c.act.mark, c.act.stored_mark) == (None, None),
        when=_by_name,
    ),
    Check("its name is not one of ours", _named_as_ours, when=_by_name),
    Check("no person had granted it", _granted, when=_by_name),
    Check(
        "no person adopts it",
        lambda c: _asked_for(c) and _for_this(c, OperationKind.ADOPT),
        when=_is_mark,
    ),
    Check("it bears another mark than was read", _over_what_was_read, when=_is_mark),
    Check("it bears another fleet's mark", _over_no_other_fleets, when=_is_mark),
    Check(
        "no person releases it",
        lambda c: _asked_for(c) and _for_this(c, OperationKind.RELEASE),
        when=lambda c: isinstance(c.command, UnmarkVm),
    ),
)


class Ours(Law):
    """See above."""

    name = "L1"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._orders: dict[CommandId, tuple[Issued, bool]] = {}

    def committed(self, commit: Committed) -> None:
        """Remember each command with what was known when it became durable."""
        for order in truly_issued(self.world.database, self.truth, commit):
            self._orders[order.command.id] = order, self._copied(order)

    def acted(self, act: Act) -> None:
        """The deed must rest on a command of ours for this VM, which fits it in every respect."""
        what = f"{act.what} of {self.world.name_of(act.vm)} on {act.host}"
        command = act.command
        if command is None or command.vm != act.vm:
            self.violate(f"{what}: no command of ours for it was in hand")
        elif command.id not in self._orders:
            self.violate(f"{what}: its command was never durable")
        else:
            order, copied = self._orders[command.id]
            machine = self.machine_of(order.host)
            case = Case(
                act=act,
                command=command,
                order=order,
                truth=self.truth,
                machine=machine,
                copied=copied,
            )
            broken = [c.broken for c in CHECKS if c.when(case) and not c.holds(case)]
            if broken:
                self.violate(f"{what}: {'; '.join(broken)}")

    def _copied(self, order: Issued) -> bool:
        """Whether the VM runs there and on another host, which had been shown, with a mark of ours,
        before the command was durable."""
        vm, home = order.command.vm, self.machine_of(order.host)
        if home is None or self.truth.running(home.name, vm) is None:
            return False
        for other in self.truth.taken:
            if other == order.command.host:
                continue
            taken = shown_running(self.truth, other, vm, order.at)
            if taken is not None and bears_ours(self.truth, taken.look.report, vm):
                return True
        return False
