"""When each host last gave a sign of life: in memory, by the monotonic clock.

Nothing of it is written down: what matters of it, the sweep makes a host's health of. After a
server's start every age counts from the start.
"""

from collections.abc import Container
from dataclasses import dataclass

from vmuster.model.ids import HostId
from vmuster.model.messages import Heartbeat
from vmuster.ports.clock import Clock
from vmuster.reconcile.silence import Signs


@dataclass(slots=True)
class _Pulse:
    """Moments of the monotonic clock, and the words that came in place of an account."""

    watched: float
    heard: float
    answered: float
    alive: float
    reported: float
    why: str = ""
    told: bool = False
    whole: bool = False


class Pulses:
    """The pulses of every host that this server watches."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pulses: dict[HostId, _Pulse] = {}

    def heard(self, host: HostId) -> None:
        """The host's agent said something."""
        self._of(host).heard = self._clock.monotonic()

    def reached(self, host: HostId) -> None:
        """The host's agent reached its hypervisor."""
        pulse = self._of(host)
        pulse.answered, pulse.why = self._clock.monotonic(), ""

    def reported(self, host: HostId, *, whole: bool = False) -> None:
        """A report of the host was admitted; `whole`: a COMPLETE one that named VMs."""
        pulse = self._of(host)
        pulse.reported, pulse.why, pulse.told = self._clock.monotonic(), "", True
        pulse.whole = pulse.whole or whole

    def told(self, host: HostId) -> bool:
        """Whether any report of the host was admitted since it is watched, or since `doubt`."""
        return self._of(host).told

    def whole(self, host: HostId) -> bool:
        """Whether such a report was COMPLETE and named VMs: an empty one may account for none."""
        return self._of(host).whole

    def doubt(self) -> None:
        """What was told so far was put beside a database that is older than its hosts."""
        for pulse in self._pulses.values():
            pulse.told = pulse.whole = False

    def troubled(self, host: HostId, why: str) -> None:
        """The host's agent has no account to give."""
        self._of(host).why = why

    def beat(self, beat: Heartbeat, why: str) -> None:
        """A heartbeat; `why`: its words, made safe."""
        pulse, now = self._of(beat.host), self._clock.monotonic()
        if beat.answers:
            pulse.answered = now
            return
        pulse.why = why or pulse.why
        if beat.alive:
            pulse.alive = now

    def signs(self, host: HostId) -> Signs:
        """How long ago each sign of the host came."""
        pulse, now = self._of(host), self._clock.monotonic()
        return Signs(
            heard=now - pulse.heard,
            answered=now - pulse.answered,
            alive=now - pulse.alive,
            reported=now - pulse.reported,
            watched=now - pulse.watched,
            why=pulse.why,
        )

    def stood_still(self, seconds: float) -> None:
        """This server heard nobody for so long, whoever spoke: nobody was silent by it."""
        now = self._clock.monotonic()
        for pulse in self._pulses.values():
            for sign in ("watched", "heard", "answered", "alive", "reported"):
                setattr(pulse, sign, min(getattr(pulse, sign) + seconds, now))

    def keep(self, hosts: Container[HostId]) -> None:
        """Forget every host but these."""
        self._pulses = {host: pulse for host, pulse in self._pulses.items() if host in hosts}

    def _of(self, host: HostId) -> _Pulse:
        """The pulse of a host; one that is new is watched from now on."""
        pulse = self._pulses.get(host)
        if pulse is None:
            now = self._clock.monotonic()
            pulse = self._pulses[host] = _Pulse(now, now, now, now, now)
        return pulse
