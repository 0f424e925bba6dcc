"""The fleet of a random schedule: a few hosts near and far, VMs of every kind, quick policies."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from vmuster.sim.engine.chance import Chance
from vmuster.sim.seeds.casting import Cast, step
from vmuster.sim.verbs.verb import Step

HOSTS: Final = ("alpha", "beta", "gamma", "delta", "omega")
_FAR: Final = "host {host} with an agent"
_PLACES: Final[Mapping[str, float]] = {
    _FAR: 6.0,
    "host {host}": 3.0,
    "blind host {host}": 1.0,
}
"""How hosts are reached, and how often each."""
OURS: Final = frozenset(
    {"{vm} runs on {host}", "{vm} is stopped on {host}", "{vm} runs deaf on {host}"}
)
"""VMs that somebody would adopt."""
_VMS: Final[Mapping[str, float]] = {
    "{vm} runs on {host}": 12.0,
    "{vm} is stopped on {host}": 3.0,
    "{vm} runs deaf on {host}": 4.0,
    "{vm} runs transient on {host}": 0.7,
    "{vm} runs on {host} as {name}": 1.5,
    "{vm} runs on {host} with the mark of another fleet": 0.8,
    "{vm} runs on {host} with a forged mark": 0.8,
    "{vm} runs on {host} with an early mark of ours": 0.8,
}
_CANONICAL: Final = ("i-2-{number}-VM", "r-{number}-VM", "v-{number}-VM", "s-{number}-VM")
"""Names like those that the fleet gives."""
_MODES: Final[Mapping[str, float]] = {
    "manage": 12.0,
    "observe": 1.0,
    "cordoned": 1.0,
    "maintenance": 0.7,
}
_POLICIES: Final[Mapping[str, tuple[str, ...]]] = {
    "report_seconds": ("5", "10", "20", "30"),
    "heartbeat_seconds": ("3", "5", "10"),
    "quiet_seconds": ("10", "30", "60"),
    "steady_seconds": ("5", "20", "40"),
    "suspect_after_seconds": ("25", "45", "90"),
    "unreachable_after_seconds": ("100", "150", "200"),
    "confirm_after_seconds": ("3", "10"),
    "stop_grace_seconds": ("5", "20", "60"),
    "operation_seconds": ("60", "120"),
    "restart_backoff_seconds": ("2", "10"),
    "drift": ("record", "enforce", "enforce"),
    "restart": ("never", "on-crash", "always"),
    "unknown_vms": ("leave", "stop-by-mark", "stop-by-name"),
}
"""Settings of every schedule: quick ones, so that much happens in its minutes."""
_SOMETIMES: Final[Mapping[str, tuple[str, ...]]] = {
    "track_host_change": ("false",),
    "seen_before_stop": ("1", "3"),
    "stops_per_pass_max": ("0", "1", "2"),
    "starts_per_pass_max": ("0", "1", "2"),
    "stops_per_window_max": ("1", "3"),
    "starts_per_window_max": ("1", "3"),
    "cluster_stops_per_window_max": ("2", "4"),
    "cluster_starts_per_window_max": ("2", "4"),
    "approval_seconds": ("30", "120"),
    "dark_percent_max": ("60",),
    "restart_tries_max": ("1", "2"),
}
"""Settings of one schedule in six."""
_FLEET_SOMETIMES: Final[Mapping[str, tuple[str, ...]]] = {
    "stops_per_window_max": ("2", "5"),
    "starts_per_window_max": ("2", "5"),
    "dark_percent_max": ("70",),
}


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A fleet, and the steps that bring it about."""

    cast: Cast
    steps: tuple[Step, ...]


def scene_of(chance: Chance) -> Scene:
    """A fleet of chance."""
    hosts = HOSTS[: chance.whole(2, len(HOSTS))]
    steps: list[Step] = []
    far: set[str] = set()
    for host in hosts:
        place = _drawn(_PLACES, chance)
        steps.append(step(place, None, {"host": host}))
        if place == _FAR:
            far.add(host)
    steps += _policies(chance)
    for host in hosts:
        words = {"host": host, "mode": _drawn(_MODES, chance)}
        steps.append(step("{host} is in {mode}", None, words))
    homes: dict[str, str] = {}
    ours: list[str] = []
    for host in hosts:
        for _each in range(chance.whole(2, 6)):
            number = len(homes) + 1
            vm, kind = f"vm{number}", _drawn(_VMS, chance)
            name = chance.one_of(_CANONICAL).format(number=number)
            steps.append(step(kind, None, {"vm": vm, "host": host, "name": name}))
            homes[vm] = host
            if kind in OURS:
                ours.append(vm)
    cast = Cast(hosts=hosts, far=frozenset(far), vms=homes, ours=tuple(ours))
    return Scene(cast=cast, steps=tuple(steps))


def _policies(chance: Chance) -> list[Step]:
    sometimes = {name: values for name, values in _SOMETIMES.items() if chance.happens(1 / 6)}
    fleet = {name: values for name, values in _FLEET_SOMETIMES.items() if chance.happens(1 / 6)}
    return [
        *_set("policy {setting} is {value}", {**_POLICIES, **sometimes}, chance),
        *_set("fleet policy {setting} is {value}", fleet, chance),
    ]


def _set(form: str, settings: Mapping[str, Sequence[str]], chance: Chance) -> list[Step]:
    return [
        step(form, None, {"setting": setting, "value": chance.one_of(values)})
        for setting, values in settings.items()
    ]


def _drawn(weights: Mapping[str, float], chance: Chance) -> str:
    return chance.weighted(tuple(weights), tuple(weights.values()))
