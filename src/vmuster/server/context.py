"""What every part of the server is given: the ports, the fleet, and who is being talked to."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Protocol

from vmuster.model.commands import Command
from vmuster.model.host import Fleet
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.plan import LookWish
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.reconcile.idle import Conditions
from vmuster.server.figures.figures import Figures
from vmuster.server.figures.store import CountedStore
from vmuster.server.intake_numbers import IntakeNumbers
from vmuster.server.passes.accounts import Accounts
from vmuster.server.passes.judge import MarkJudge
from vmuster.server.passes.recording import Recorder, Unkept
from vmuster.server.passes.store import AccountedStore
from vmuster.server.secrets.signing import Signer
from vmuster.server.talks.pace import Shares
from vmuster.server.talks.repeats import Repeats
from vmuster.server.watch.pulses import Pulses
from vmuster.server.watch.quiet import QuietTime
from vmuster.server.watch.weather import Weather


class Conversations(Protocol):
    """The agents that are being talked to. A host that is not among them misses nothing: its next
    connection begins with a look at everything and with the whole outbox."""

    def ask(self, wish: LookWish) -> None:
        """Ask a host to look."""
        ...

    def decided(self, host: HostId, commands: Sequence[Command], *, begun: int) -> None:
        """A pass over this host is written, and these are its commands. `begun`: what
        `Accounts.begin` said when it began."""
        ...

    def outbox_changed(self, host: HostId) -> None:
        """There may be something to send to this host, or something less."""
        ...

    def settings_changed(self, host: HostId) -> None:
        """What this host's agent goes by has changed: its mode, a policy, what is armed."""
        ...

    def begin_anew(self) -> None:
        """End every conversation, for each to begin with a new greeting: what an agent has still
        in hand is of a connection that is over, and it goes no step further with it."""
        ...

    def heed_epoch(self, host: HostId, epoch: int) -> None:
        """This host is at `epoch` now: a conversation with it under an earlier one is over."""
        ...


class Context:
    """One server's context.

    `fleet` is the fleet row as this server last wrote or read it; the judge of marks follows it,
    and `agents_concerned` is called where it changed in what every agent goes by.
    `doubted_after`: sightings of up to this number may be of the time before a quarantine, those
    with a higher one were taken in by this server, and since then.
    `accounts`: what each host said last; every commit of `store` is told to them.
    `weather`, `pulses` and `quiet` say how the hosts are, and since when there is calm; `repeats`,
    which of their troubles were told often enough; `shares`, how much all of them say; `figures`,
    what monitoring is told: every commit of `store` is counted in them. `recorder` keeps passes,
    where somebody wants them kept.
    """

    def __init__(self, *, store: Store, clock: Clock, fleet: Fleet, signer: Signer) -> None:
        self.figures = Figures()
        self.accounts = Accounts(clock)
        accounted = AccountedStore(store, self.accounts)
        self.store: Store = CountedStore(accounted, clock, self.figures)
        self.clock = clock
        self.signer = signer
        self.judge = MarkJudge(fleet)
        self.intakes = IntakeNumbers(self.store)
        self.weather = Weather()
        self.pulses = Pulses(clock)
        self.quiet = QuietTime(clock)
        self.repeats = Repeats(clock)
        self.shares = Shares()
        self.recorder = Recorder(self.store, clock, Unkept())
        self.agents_concerned: Callable[[], None] = _nobody
        self.doubted_after = fleet.intake
        self._fleet: Fleet = fleet

    def rehearsed(self, store: Store, signer: Signer) -> "Context":
        """A context like this one, over a rehearsal of its store: what is learnt in it is told to
        nobody, and is forgotten with it."""
        other = copy(self)
        other.store, other.signer = store, signer
        other.intakes = self.intakes.rehearsed(store)
        other.agents_concerned = _nobody
        return other

    def conditions(self, cluster: ClusterName) -> Conditions:
        """What automation in `cluster` depends on now, beside what is recorded."""
        return Conditions(counted=self.weather.counted(cluster), calm=self.quiet.calm)

    @property
    def fleet(self) -> Fleet:
        """The present fleet row; an older one is never put in the place of a newer one."""
        return self._fleet

    @fleet.setter
    def fleet(self, fleet: Fleet) -> None:
        if fleet.version < self._fleet.version:
            return  # it was read before what is known was written
        before, self._fleet = self._fleet, fleet
        if fleet.public_keys != before.public_keys:
            self.judge = MarkJudge(fleet)
        if fleet.quarantine is not None and before.quarantine is None:
            self.doubted_after = self.intakes.last
            self.pulses.doubt()
        if _told(fleet) != _told(before):
            self.agents_concerned()


def _told(fleet: Fleet) -> tuple[object, ...]:
    """What of the fleet's row every agent is told."""
    return fleet.public_keys, fleet.disarmed is None, fleet.quarantine is None


def _nobody() -> None:
    """Nobody is being talked to yet."""
