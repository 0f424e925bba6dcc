"""What every part of the server is given: the ports, the fleet, and who is being talked to."""

from typing import Protocol

from vmuster.model.host import Fleet
from vmuster.model.ids import HostId
from vmuster.model.plan import LookWish
from vmuster.ports.clock import Clock
from vmuster.ports.store import Store
from vmuster.server.intake_numbers import IntakeNumbers
from vmuster.server.judge import MarkJudge
from vmuster.server.signing import Signer


class Conversations(Protocol):
    """The agents that are being talked to. A host that is not among them misses nothing: its next
    connection begins with a look at everything and with the whole outbox."""

    def ask(self, wish: LookWish) -> None:
        """Ask a host to look."""
        ...

    def outbox_changed(self, host: HostId) -> None:
        """There may be something to send to this host."""
        ...

    def settings_changed(self, host: HostId) -> None:
        """The host's mode or its cluster's policy has changed."""
        ...


class Context:
    """One server's context. `started_at`: wall-clock seconds; the quiet time counts from it."""

    def __init__(self, *, store: Store, clock: Clock, fleet: Fleet, signer: Signer) -> None:
        self.store = store
        self.clock = clock
        self.fleet = fleet
        self.signer = signer
        self.judge = MarkJudge(fleet)
        self.intakes = IntakeNumbers(store)
        self.started_at = clock.now()
