"""Everything that can happen next, and what of it breaks a law.

Looks, orders and time do as they like, as often as they like. Counted is what goes wrong or is done
by hand: hands, accidents, requests, a report that arrives after what it saw has changed, a look by
an agent that has not heard the newest number. Losing a message needs no move: it is one that is
never delivered.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final

import msgspec

from vmuster.model.states import Completeness, OperationKind, PowerState
from vmuster.sim.exhaustive import laws, requests
from vmuster.sim.exhaustive.deeds import Guards, Order, carried_out
from vmuster.sim.exhaustive.intake import Intake, Taken
from vmuster.sim.exhaustive.knowledge import Known
from vmuster.sim.exhaustive.looks import (
    Account,
    Report,
    Stamp,
    accounts,
    lies,
    of_ours,
)
from vmuster.sim.exhaustive.numbers import moments, reduced
from vmuster.sim.exhaustive.setting import HOSTS, OURS
from vmuster.sim.exhaustive.state import Pending, Shown, State, unbroken
from vmuster.sim.exhaustive.transit import (
    carried_on,
    could_be_made_now,
    left,
    number_of,
    numbered,
    restamped,
    with_report,
)
from vmuster.sim.exhaustive.truth import ActedOn, Truth, handled, revived

_BOTH: Final = (0, 1)
_LATE: Final = ", and what was seen before that is still on its way"


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happens, and what it leads to. `faults`: how much of it is counted.
    `breaches`: the laws that it breaks."""

    words: str
    state: State
    faults: int = 0
    breaches: tuple[str, ...] = ()


class Moves:
    """The next moves of any state; what was judged once is remembered."""

    def __init__(self, acted_on: ActedOn) -> None:
        self._acted_on = acted_on
        self._intake = Intake()
        self._guards = Guards()
        self._reduced: dict[tuple[Known, int, int], tuple[Known, tuple[int, int]]] = {}

    def after(self, state: State, faults: int) -> Iterator[Move]:
        """Everything that can happen to `state` with at most so many faults."""
        for move in self._all(state, counted=faults > 0):
            if move.faults <= faults:
                yield move

    def _all(self, state: State, *, counted: bool) -> Iterator[Move]:
        yield from self._looks(state, counted=counted)
        yield from self._orders(state)
        yield from self._time(state)
        if counted:
            yield from self._hands(state)
            yield from self._lies(state)
            yield from self._wishes(state)
            yield self._restart(state)

    def _looks(self, state: State, *, counted: bool) -> Iterator[Move]:
        """A look is made and its report taken in at once; or one that was on its way is."""
        for host in _BOTH:
            *earlier, newest = moments(state.known, host)
            for account in accounts(state.truth, host):
                yield from self._looked(state, host, account, newest)
                for number in earlier if counted else ():
                    yield from self._looked(state, host, account, number, faults=1)
            pending = state.reports[host]
            if pending is not None:
                yield from self._taken(state, host, pending, "an earlier report of host {} is")

    def _looked(
        self, state: State, host: int, account: Account, number: int, *, faults: int = 0
    ) -> Iterator[Move]:
        report = Report(account=account, asked_after=number, stamp=Stamp.NEWEST)
        made = Pending(report=report, ran=state.truth.running)
        unaware = ", unaware of the newest number," if faults else ""
        how = f"host {{}} looks{unaware} and its report is"
        yield from self._taken(state, host, made, how, faults=faults)

    def _taken(
        self, state: State, host: int, pending: Pending, how: str, *, faults: int = 0
    ) -> Iterator[Move]:
        report = pending.report
        taken = self._intake.take(state.known, host, report)
        if taken.refused:
            return
        breaches = tuple(laws.of_pass(state, host, report.account, pending.ran, taken))
        after = self._state(
            state.truth,
            taken.known,
            with_report(state, host, left(state.reports[host] or pending)),
            _sent(state, taken),
            _shown(state, host, pending),
        )
        if after != state or breaches:
            words = f"{how.format(HOSTS[host])} taken in ({report.account.words})"
            for command in taken.commands:
                words += f"; the server orders: {Order(command=command).words}"
            yield Move(words=words, state=after, faults=faults, breaches=breaches)

    def _orders(self, state: State) -> Iterator[Move]:
        """An order reaches its agent, is judged, and carried out or refused; the answer may be
        lost."""
        for number, order in enumerate(state.orders):
            if order is None:
                continue
            refusal = self._guards.refusal(order, state.truth)
            if refusal is None:
                refusal = "there is no hypervisor, or no such VM"
            rest = (None, state.orders[1]) if number == 0 else (state.orders[0], None)
            heard = msgspec.structs.replace(state, orders=rest)
            what = f"{order.words}: refused, {refusal}" if refusal else f"{order.words}: done"
            breaches = () if refusal else tuple(laws.of_deed(order, state.truth))
            truth = state.truth if refusal else carried_out(order, state.truth)
            told = requests.answered(state.known, order, done=not refusal)
            for known, said in ((told, ""), (state.known, "; the answer is lost")):
                known_now = msgspec.structs.replace(heard, known=known)
                for late, after in self._changed(known_now, truth):
                    words = what + said + _LATE * (late > 0)
                    yield Move(words=words, state=after, faults=late, breaches=breaches)

    def _time(self, state: State) -> Iterator[Move]:
        """Deadlines pass, the sweep ends what nobody settles, a dead daemon comes back."""
        for name, known in requests.late(state.known):
            words = f"the time of what was asked of {name} is over"
            yield Move(words=words, state=self._knowing(state, known))
        swept = requests.swept(state.known, state.truth.down)
        if swept is not None:
            words = "the sweep ends what was asked of our VM"
            yield Move(words=words, state=self._knowing(state, swept))
        for host in _BOTH:
            if state.truth.down[host]:
                for late, after in self._changed(state, revived(state.truth, host)):
                    words = f"the daemon of host {HOSTS[host]} comes back" + _LATE * (late > 0)
                    yield Move(words=words, state=after, faults=late)

    def _hands(self, state: State) -> Iterator[Move]:
        for words, truth in handled(state.truth, self._acted_on):
            for late, after in self._changed(state, truth):
                yield Move(words=words + _LATE * (late > 0), state=after, faults=1 + late)

    def _lies(self, state: State) -> Iterator[Move]:
        """A look that gives an empty list where VMs are; its report is on its way."""
        for host in _BOTH:
            for account, number in product(lies(state.truth, host), moments(state.known, host)):
                report = Report(account=account, asked_after=number, stamp=Stamp.NEWER)
                lie = Pending(report=report, ran=state.truth.running)
                after = self._state(
                    state.truth,
                    state.known,
                    with_report(state, host, lie),
                    state.orders,
                    state.shown,
                )
                words = f"the hypervisor of host {HOSTS[host]} lies ({account.words})"
                yield Move(words=words, state=after, faults=1)

    def _wishes(self, state: State) -> Iterator[Move]:
        for kind in (OperationKind.START, OperationKind.STOP):
            known = requests.asked(state.known, kind, state.orders[0])
            if known is not None:
                words = f"a person asks to {kind} our VM"
                yield Move(words=words, state=self._knowing(state, known), faults=1)

    def _restart(self, state: State) -> Move:
        """The server is started anew: every host gets a new epoch."""
        first, second = (
            None if order is None else msgspec.structs.replace(order, earlier=True)
            for order in state.orders
        )
        reports = [
            None if pending is None else restamped(pending, Stamp.EARLIER)
            for pending in state.reports
        ]
        after = self._state(
            state.truth, state.known, (reports[0], reports[1]), (first, second), state.shown
        )
        return Move(words="the server is started anew", state=after, faults=1)

    def _knowing(self, state: State, known: Known) -> State:
        return self._state(state.truth, known, state.reports, state.orders, state.shown)

    def _changed(self, state: State, truth: Truth) -> Iterator[tuple[int, State]]:
        """`state` after what is true became `truth`; on each host whose account differs now, a
        look may just have been made, and be late: how many are, beside each."""
        lasting = unbroken(state.truth, truth)
        first_shown, second_shown = (
            was if lasts else Shown.NO for was, lasts in zip(state.shown, lasting, strict=True)
        )
        choices = [list(self._on_its_way(state, truth, host)) for host in _BOTH]
        for (first_late, first), (second_late, second) in product(*choices):
            reports = (carried_on(first, lasting), carried_on(second, lasting))
            shown = (first_shown, second_shown)
            after = self._state(truth, state.known, reports, state.orders, shown)
            yield first_late + second_late, after

    def _on_its_way(
        self, state: State, truth: Truth, host: int
    ) -> Iterator[tuple[int, Pending | None]]:
        """What may be on its way from `host`, once what is true became `truth`: what was before, or
        a whole account of a look just before that. (One in part says nothing that a whole one does
        not.)"""
        yield 0, state.reports[host]
        before = accounts(state.truth, host)
        if before == accounts(truth, host):
            return
        complete = [one for one in before if one.completeness is Completeness.COMPLETE]
        for account, number in product(complete, moments(state.known, host)):
            report = Report(account=account, asked_after=number, stamp=Stamp.NEWER)
            yield 1, Pending(report=report, ran=state.truth.running)

    def _state(
        self,
        truth: Truth,
        known: Known,
        reports: tuple[Pending | None, Pending | None],
        orders: tuple[Order | None, Order | None],
        shown: tuple[Shown, Shown],
    ) -> State:
        """The one form of all states that differ in nothing that matters."""
        first, second = (
            None if could_be_made_now(truth, host, reports[host]) else reports[host]
            for host in _BOTH
        )
        looks = (number_of(first), number_of(second))
        key = (known, *looks)
        if key not in self._reduced:
            self._reduced[key] = reduced(known, looks)
        known, looks = self._reduced[key]
        return State(
            truth=truth,
            known=known,
            reports=(numbered(first, looks[0]), numbered(second, looks[1])),
            orders=orders,
            shown=shown,
        )


def _sent(state: State, taken: Taken) -> tuple[Order | None, Order | None]:
    ours, strangers = state.orders
    for command in taken.commands:
        if command.vm == OURS:
            ours = Order(command=command)
        else:
            strangers = Order(command=command)
    return ours, strangers


def _shown(state: State, host: int, pending: Pending) -> tuple[Shown, Shown]:
    account, before = pending.report.account, state.shown[host]
    seen = of_ours(account)
    elsewhere = host == 1 and _last_seen_on_the_first(state)
    if not pending.ran[host] or (seen is None and not _says_absent(account, elsewhere=elsewhere)):
        return state.shown
    if seen is None or (seen.power is not PowerState.RUNNING and before is Shown.LEFT):
        now = min(before, Shown.LEFT)
    elif seen.power is not PowerState.RUNNING and before is Shown.NO:
        now = before
    else:
        now = Shown.BARE if seen.mark is None else Shown.MARKED
    return (now, state.shown[1]) if host == 0 else (state.shown[0], now)


def _last_seen_on_the_first(state: State) -> bool:
    """Whether our VM was seen active on the first host since it was last seen on the other."""
    first, second = state.known.sightings
    if first is None or not first.active:
        return False
    return second is None or first.asked_after >= second.taken_in


def _says_absent(account: Account, *, elsewhere: bool) -> bool:
    """Whether it says of our VM, which it lacks, that it is not there. An empty list is no
    information, but where the host had no other VM, and ours was last seen active `elsewhere`."""
    return account.completeness is Completeness.COMPLETE and (bool(account.vms) or elsewhere)
