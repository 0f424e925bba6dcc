"""What chance may do to a fleet: a row for each kind of event, and how its words are drawn."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vmuster.sim.engine.chance import Chance
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Step

_AT_HOME = 0.85
"""The share of events about a VM and a host in which the host is the VM's first home."""


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Who plays: `hosts`, those of them with an agent of their own (`far`), and VMs by their name,
    each with the host on which it began; `ours`: those that somebody would adopt."""

    hosts: tuple[str, ...]
    far: frozenset[str]
    vms: Mapping[str, str]
    ours: tuple[str, ...] = ()


class Chancy(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of event. `weight`: how often it comes, among its like. `heal`: what mends it, after
    `least` to `most` seconds, empty for none; where it does so `elsewhere`, the two hosts of the
    event are in each other's place. `far`: only for a host with an agent of its own.
    `words`: what a place of its form, other than a host and a VM, may be."""

    form: str
    weight: float = 1.0
    heal: str = ""
    least: float = 5.0
    most: float = 90.0
    elsewhere: bool = False
    far: bool = False
    words: Mapping[str, Sequence[str]] = {}


def happening(row: Chancy, cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """The event at this moment, with words of chance, and what mends it."""
    hosts = [host for host in cast.hosts if not row.far or host in cast.far]
    if not hosts:
        return
    words = _words(row, cast, chance, hosts)
    yield step(row.form, at, words)
    if row.elsewhere:
        words["host"], words["other"] = words["other"], words["host"]
    if row.heal:
        yield step(row.heal, at + chance.between(row.least, row.most), words)


def step(form: str, at: float | None, words: Mapping[str, str]) -> Step:
    """A step of this form, with its words by their places."""
    places = GRAMMAR.verbs[form].places
    when = None if at is None else round(at, 3)
    return Step(verb=form, words=tuple(words[place] for place in places), at=when)


def _words(row: Chancy, cast: Cast, chance: Chance, hosts: Sequence[str]) -> dict[str, str]:
    """A word for each place that the event, or what mends it, has."""
    vm = chance.one_of(tuple(cast.vms))
    home = cast.vms[vm]
    host = home if home in hosts and chance.happens(_AT_HOME) else chance.one_of(hosts)
    others = [each for each in cast.hosts if each != host] or [host]
    drawn = {place: chance.one_of(choices) for place, choices in row.words.items()}
    return {"vm": vm, "host": host, "other": chance.one_of(others), **drawn}
