"""What a host's silence makes of its health, and how it comes back: a table, and hysteresis.

Silence says something about the host and nothing about any VM (L6). A hypervisor that hangs on a
host that lives is SUSPECT for as long as that lasts, and never UNREACHABLE.

A host is well from the first report after a trouble or a silence until the next one. It is UP
again only once it has been well for a hold time, which doubles each time that it is lost: a host
that comes and goes every few seconds stays SUSPECT, and nothing automatic happens there. All of
that is forgotten once it was UP for ten hold times. Ages come from a monotonic clock, moments
from the wall's: one that lies ahead, since the clock was set back, counts as now.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from vmuster.model.host import Host
from vmuster.model.policy import Policy
from vmuster.model.states import HostHealth

_HOLD_SECONDS_MAX: Final = 3600.0
"""Longer than this no host is kept waiting, unless its policy begins with more."""
_DOUBLINGS_MAX: Final = 16
_FORGET_AFTER_HOLDS: Final = 10
_PACES: Final = 3
"""So many reports, or heartbeats, may be lost, however patient or hasty a policy is."""
_BACK: Final = "there are signs of life again, and no account yet"


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """How long ago a host gave each sign, in seconds of a monotonic clock.

    `heard`: any word of its agent; `answered`: an answer of its hypervisor, apart from reports;
    `alive`: the host itself lived while its hypervisor did not answer; `reported`: a report that
    was admitted. A sign that never came is as old as the watch, `watched`. `why`: what was last
    heard in place of an answer or an account.
    """

    heard: float
    answered: float
    alive: float
    reported: float
    watched: float
    why: str = ""

    @property
    def life(self) -> float:
        """How long ago the last sign of life of the host or of its hypervisor came."""
        return min(self.answered, self.alive, self.reported)


class _Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Signs, beside what a policy makes of them. `troubled`: the host was not well before."""

    signs: Signs
    suspect: float
    unreachable: float
    unanswered: float
    troubled: bool


class _Rule(msgspec.Struct, frozen=True):
    """One row of the table: what to think of a host whose silence `fits`."""

    health: HostHealth
    words: str
    fits: Callable[[_Silence], bool]


RULES: Final[tuple[_Rule, ...]] = (
    _Rule(
        HostHealth.UNREACHABLE,
        "no sign of life of the host or its hypervisor",
        lambda s: s.signs.life >= s.unreachable,
    ),
    _Rule(
        HostHealth.SUSPECT,
        "nothing is heard of its agent",
        lambda s: s.signs.heard >= s.suspect,
    ),
    _Rule(
        HostHealth.SUSPECT,
        "its hypervisor does not answer, and the host itself lives",
        lambda s: (
            (s.troubled or s.signs.answered >= s.unanswered) and s.signs.alive < s.signs.answered
        ),
    ),
    _Rule(
        HostHealth.SUSPECT,
        "its hypervisor does not answer",
        lambda s: s.signs.answered >= s.unanswered,
    ),
    _Rule(
        HostHealth.SUSPECT,
        "its hypervisor answers, and gives no account of its VMs",
        lambda s: s.signs.reported >= s.suspect,
    ),
)
"""In order; the first that fits says what a silence is. None fits: it is no silence yet."""


def reported(host: Host, policy: Policy, now: float) -> Host:
    """`host` after a report of it was admitted at `now`: well, and UP once that has lasted."""
    since = now if host.well_since is None else min(host.well_since, now)
    return _held(msgspec.structs.replace(host, well_since=since), policy, now)


def troubled(host: Host, now: float) -> Host:
    """`host` after its agent had no account to give."""
    return _lost(host, HostHealth.SUSPECT, now) if _is_up(host.health) else _unwell(host)


def judged(host: Host, signs: Signs, policy: Policy, now: float) -> tuple[Host, str]:
    """What `signs` make of `host`, and why in words; "" where health and words stay.

    Of a host that was refused no sign is believed, for whose it is is what is in doubt; that there
    is none at all is believed.
    """
    if host.health is HostHealth.FENCED:
        return host, ""
    rule = next((rule for rule in RULES if rule.fits(_silence(host, signs, policy))), None)
    if host.claims is not None and (rule is None or rule.health is not HostHealth.UNREACHABLE):
        return host, ""
    after = _quiet(host, signs, policy, now) if rule is None else _silent(host, rule, signs, now)
    if (after.health, after.trouble) == (host.health, host.trouble):
        return after, ""
    moved = "" if after.health is host.health else f"{host.health} → {after.health}"
    return after, ": ".join(part for part in (moved, after.trouble) if part)


def hold_seconds(host: Host, policy: Policy) -> float:
    """For how long `host` must be well before it is UP again."""
    if not host.flaps:
        return 0.0
    doubled = policy.steady_seconds * 2.0 ** min(host.flaps - 1, _DOUBLINGS_MAX)
    return max(policy.steady_seconds, min(doubled, _HOLD_SECONDS_MAX))


def _silence(host: Host, signs: Signs, policy: Policy) -> _Silence:
    suspect = max(policy.suspect_after_seconds, _PACES * policy.report_seconds)
    return _Silence(
        signs=signs,
        suspect=suspect,
        unreachable=max(policy.unreachable_after_seconds, suspect),
        unanswered=max(policy.suspect_after_seconds, _PACES * policy.heartbeat_seconds),
        troubled=host.well_since is None,
    )


def _silent(host: Host, rule: _Rule, signs: Signs, now: float) -> Host:
    """`host`, of whose silence `rule` was found to say what it is."""
    health = rule.health
    if host.health is HostHealth.UNREACHABLE and signs.life >= signs.watched:
        health = HostHealth.UNREACHABLE  # a server's new watch is no sign of life
    after = _lost(host, health, now)
    if rule.words in after.trouble:
        return after
    words = f"{rule.words}: {signs.why}" if signs.why else rule.words
    return msgspec.structs.replace(after, trouble=words)


def _quiet(host: Host, signs: Signs, policy: Policy, now: float) -> Host:
    """`host`, whose signs are all fresh enough. None of them is a report of this watch until one
    was admitted, and without that no host comes back."""
    if host.well_since is not None:
        told = signs.reported < signs.watched or _is_up(host.health)
        return _held(host, policy, now) if told else host
    if host.health is HostHealth.UNREACHABLE and signs.life < signs.watched:
        return msgspec.structs.replace(
            host, health=HostHealth.SUSPECT, health_at=now, trouble=_BACK
        )
    return _lost(host, HostHealth.SUSPECT, now) if _is_up(host.health) else host


def _held(host: Host, policy: Policy, now: float) -> Host:
    """A well host: UP where it has been well for long enough, its past forgotten in the end."""
    hold = hold_seconds(host, policy)
    if _is_up(host.health):
        steady = now - host.health_at >= _FORGET_AFTER_HOLDS * hold
        return msgspec.structs.replace(host, flaps=0) if host.flaps and steady else host
    well = host.well_since is not None and now - host.well_since >= hold
    if host.health is HostHealth.FENCED or not well:
        return host
    return msgspec.structs.replace(host, health=HostHealth.UP, health_at=now)


def _lost(host: Host, health: HostHealth, now: float) -> Host:
    """`host` in `health`, which is not UP; that it was UP until now counts as a flap."""
    if host.health is health:
        return _unwell(host)
    return msgspec.structs.replace(
        host,
        health=health,
        health_at=now,
        flaps=host.flaps + _is_up(host.health),
        well_since=None,
    )


def _unwell(host: Host) -> Host:
    return msgspec.structs.replace(host, well_since=None)


def _is_up(health: HostHealth) -> bool:
    return health is HostHealth.UP
