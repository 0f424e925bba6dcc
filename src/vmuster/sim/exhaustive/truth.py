"""What truly is on the hosts, and what hands do to it, past the product.

A hypervisor's daemon and the processes are kept apart: a daemon can lose its state while a VM runs
on. Our VM may be on both hosts, the stranger stays on the first.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final

import msgspec

from vmuster.model.permits import LiveVm
from vmuster.model.states import PowerReason, PowerState
from vmuster.model.vm import VmObservation
from vmuster.sim.exhaustive.setting import HOSTS, MARK, OUR_NAME, OURS, STRANGER, THEIR_NAMES

ON: Final = (PowerState.RUNNING, PowerReason.UNKNOWN)
ENDED: Final = (PowerState.STOPPED, PowerReason.GUEST)
UNEXPLAINED: Final = (PowerState.STOPPED, PowerReason.UNKNOWN)
LEFT: Final = (PowerState.STOPPED, PowerReason.MIGRATED)
SAVED: Final = (PowerState.STOPPED, PowerReason.SAVED)


class Domain(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """A VM as its daemon knows it."""

    power: tuple[PowerState, PowerReason]
    marked: bool

    @property
    def runs(self) -> bool:
        """Whether its daemon holds it for running."""
        return self.power == ON


class Place(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """Our VM on one host: the daemon's domain, and whether a process of it lives there."""

    domain: Domain | None = None
    process: bool = False


class Alias(StrEnum):
    """How the stranger presents itself."""

    LOOKALIKE = "lookalike"
    """A name of ours and no mark."""
    ALIEN = "alien"
    CLONE = "clone"
    """A name of ours, and the mark of our own VM."""


class ActedOn(StrEnum):
    """Which of the two VMs hands are laid on. What is decided about one VM does not depend on the
    other, but where lists are empty; so each has a search of its own, with the other beside it."""

    OURS = "ours"
    """Beside a clone: the stranger has a name of ours, and our VM's mark."""
    STRANGER = "stranger"
    """It begins with a name that we would give, under a person's grant to stop such."""


class Truth(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """Both hosts. `down`: where the daemon is dead; its VMs run on."""

    places: tuple[Place, Place]
    stranger: tuple[PowerState, PowerReason]
    alias: Alias
    down: tuple[bool, bool] = (False, False)

    @property
    def running(self) -> tuple[bool, bool]:
        """On which hosts a process of our VM lives."""
        return self.places[0].process, self.places[1].process


NOWHERE: Final = Place()


def beginning(acted_on: ActedOn) -> Truth:
    """Our VM runs on the first host, beside a stranger."""
    return Truth(
        places=(Place(domain=Domain(power=ON, marked=True), process=True), NOWHERE),
        stranger=ON,
        alias=Alias.CLONE if acted_on is ActedOn.OURS else Alias.LOOKALIKE,
    )


def observed(truth: Truth, host: int) -> tuple[VmObservation, ...]:
    """What the daemon of `host` shows, as a driver says it: a VM of which it only says that it is
    off, and that a process holds, is of unknown power."""
    seen: list[VmObservation] = []
    place = truth.places[host]
    if place.domain is not None:
        power, reason = place.domain.power
        if place.domain.power == UNEXPLAINED and place.process:
            power = PowerState.UNKNOWN
        mark = MARK if place.domain.marked else None
        seen.append(VmObservation(uuid=OURS, name=OUR_NAME, power=power, reason=reason, mark=mark))
    if host == 0:
        power, reason = truth.stranger
        mark = MARK if truth.alias is Alias.CLONE else None
        name = THEIR_NAMES[truth.alias is not Alias.ALIEN]
        seen.append(VmObservation(uuid=STRANGER, name=name, power=power, reason=reason, mark=mark))
    return tuple(seen)


def live(seen: VmObservation) -> LiveVm:
    """A VM as its driver reads it in the call that acts."""
    runs = seen.power is PowerState.RUNNING
    return LiveVm(
        uuid=seen.uuid,
        name=seen.name,
        power=seen.power,
        reason=seen.reason,
        mark=seen.mark,
        stored_mark=seen.mark,
        run="run" if runs else "",
        saved=seen.reason is PowerReason.SAVED,
    )


def placed(truth: Truth, host: int, place: Place) -> Truth:
    """`truth`, with our VM on `host` as said."""
    places = (place, truth.places[1]) if host == 0 else (truth.places[0], place)
    return msgspec.structs.replace(truth, places=places)


def powered(truth: Truth, host: int, power: tuple[PowerState, PowerReason]) -> Truth:
    """`truth`, with our VM switched on or off on `host`, and the process with it."""
    domain = truth.places[host].domain
    after = msgspec.structs.replace(domain, power=power) if domain is not None else None
    return placed(truth, host, Place(domain=after, process=power == ON))


Hand = Callable[[Truth, int], Truth | None]
"""Does something on a host, with our VM or to its daemon; None where that is not possible."""


def _start(truth: Truth, host: int) -> Truth | None:
    domain = truth.places[host].domain
    return powered(truth, host, ON) if domain is not None and not domain.runs else None


def _stop(truth: Truth, host: int) -> Truth | None:
    domain = truth.places[host].domain
    return powered(truth, host, ENDED) if domain is not None and domain.runs else None


def _kill(truth: Truth, host: int) -> Truth | None:
    place = truth.places[host]
    lost = place.process and not (place.domain is not None and place.domain.runs)
    return placed(truth, host, Place(domain=place.domain)) if lost else None


def _arrived(truth: Truth, host: int, remains: Domain | None) -> Truth | None:
    there = 1 - host
    domain = truth.places[host].domain
    if domain is None or not domain.runs or truth.places[there].process:
        return None
    gone = placed(truth, host, Place(domain=remains))
    return placed(gone, there, Place(domain=domain, process=True))


def _move(truth: Truth, host: int) -> Truth | None:
    return _arrived(truth, host, None)


def _move_leaving(truth: Truth, host: int) -> Truth | None:
    domain = truth.places[host].domain
    if domain is None:
        return None
    return _arrived(truth, host, msgspec.structs.replace(domain, power=LEFT))


def _copy(truth: Truth, host: int) -> Truth | None:
    domain, there = truth.places[host].domain, truth.places[1 - host]
    if domain is None or there.domain is not None:
        return None
    copied = msgspec.structs.replace(domain, power=UNEXPLAINED)
    return placed(truth, 1 - host, Place(domain=copied, process=there.process))


def _undefine(truth: Truth, host: int) -> Truth | None:
    place = truth.places[host]
    if place.domain is None or place.domain.runs:
        return None
    return placed(truth, host, Place(process=place.process))


def _forget(truth: Truth, host: int) -> Truth | None:
    place = truth.places[host]
    if place.domain is None or not place.domain.runs:
        return None
    lost = msgspec.structs.replace(place.domain, power=UNEXPLAINED)
    return placed(truth, host, Place(domain=lost, process=True))


def _forget_all(truth: Truth, host: int) -> Truth | None:
    domain = truth.places[host].domain
    running = domain is not None and domain.runs
    return placed(truth, host, Place(process=True)) if running else None


def _drop_mark(truth: Truth, host: int) -> Truth | None:
    place = truth.places[host]
    if place.domain is None or not place.domain.marked:
        return None
    bare = msgspec.structs.replace(place.domain, marked=False)
    return placed(truth, host, Place(domain=bare, process=place.process))


def _die(truth: Truth, host: int) -> Truth | None:
    return _daemon(truth, host, down=True) if not truth.down[host] else None


def _daemon(truth: Truth, host: int, *, down: bool) -> Truth:
    both = (down, truth.down[1]) if host == 0 else (truth.down[0], down)
    return msgspec.structs.replace(truth, down=both)


HANDS: Final[dict[str, Hand]] = {
    "a hand starts our VM on host {host}": _start,
    "a hand stops our VM on host {host}": _stop,
    "a hand kills the process of our VM that is left on host {host}": _kill,
    "our VM is moved from host {host} to the other": _move,
    "our VM is moved from host {host}, which keeps its definition, to the other": _move_leaving,
    "the definition of our VM is copied from host {host} to the other": _copy,
    "a hand undefines our VM on host {host}": _undefine,
    "the daemon of host {host} forgets that our VM runs": _forget,
    "the daemon of host {host} forgets our VM, which runs on": _forget_all,
    "our VM on host {host} is defined anew without its mark": _drop_mark,
    "the daemon of host {host} dies": _die,
}
"""What hands and accidents do, in words."""


def revived(truth: Truth, host: int) -> Truth:
    """`truth` after the daemon of `host` came back: it forgot why VMs stopped (not a saved one's
    memory image), and finds again those that run."""
    place, after = truth.places[host], _daemon(truth, host, down=False)
    if place.domain is not None and place.domain.power in (ENDED, LEFT):
        after = powered(after, host, UNEXPLAINED)
    if host == 0 and truth.stranger == ENDED:
        after = msgspec.structs.replace(after, stranger=UNEXPLAINED)
    return after


def meddled(truth: Truth) -> Iterator[tuple[str, Truth]]:
    """What hands may do to the stranger, in words; its mark is copied from our VM's."""
    stranger, alias = truth.stranger, truth.alias
    if stranger == ON:
        yield "a hand stops the stranger", msgspec.structs.replace(truth, stranger=ENDED)
    else:
        yield "a hand starts the stranger", msgspec.structs.replace(truth, stranger=ON)
        if alias is Alias.LOOKALIKE:
            renamed = msgspec.structs.replace(truth, alias=Alias.ALIEN)
            yield "the stranger gets a name that is not one of ours", renamed
    if alias is Alias.LOOKALIKE:
        cloned = msgspec.structs.replace(truth, alias=Alias.CLONE)
        yield "the mark of our VM is copied onto the stranger", cloned


def handled(truth: Truth, acted_on: ActedOn) -> Iterator[tuple[str, Truth]]:
    """Everything that hands and accidents may do next, in words, and what it leads to."""
    if acted_on is ActedOn.STRANGER:
        yield from meddled(truth)
    for words, hand in HANDS.items():
        for number, host in enumerate(HOSTS):
            if acted_on is ActedOn.STRANGER and hand is not _die:
                continue
            if truth.down[number] and hand is not _stop:
                continue  # hands work through the daemon; a guest ends without it
            after = hand(truth, number)
            if after is not None:
                yield words.format(host=host), after
