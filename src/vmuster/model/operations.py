"""Operations: requests of persons, and the automatic acts, each with its own life and result."""

from typing import Final

import msgspec

from vmuster.model.ids import CommandId, HostId, OperationId, VmUuid
from vmuster.model.states import OperationKind, OperationState
from vmuster.model.vm import VmRecord

AUTOMATIC = "vmuster"
"""The actor of what no person asked for."""
AGENT = "agent"
"""The actor of what an agent says."""
OPEN = frozenset({OperationState.PENDING, OperationState.RUNNING})
"""What is still to be settled."""
PAUSES: Final = "; it is tried again after "
"""What is said of an automatic act that failed, and stays open as the pause before the next try."""
PAUSE_SECONDS_MAX: Final = 3600.0
"""The longest such pause."""


class RequestAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered to a request that bore an idempotency key, for when it is sent again.

    `digest`: SHA-256 of method, path, query and body, 64 hex digits. `status`, `location` and
    `body`: the answer's; 0 until there is one, and an empty body where it is not kept.
    """

    actor: str
    key: str
    digest: str
    status: int
    body: str
    created_at: float
    location: str = ""
    version: int = 0


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One wish and what became of it; its times are of the server's clock.

    `intake`: the intake number at which it was asked; a look that began before says nothing of
    it. `previous`: what the record was before an adoption (None: there was none), for the case
    that the adoption fails.
    """

    id: OperationId
    kind: OperationKind
    vm: VmUuid
    name: str
    host: HostId
    actor: str
    created_at: float
    deadline_at: float
    force: bool = False
    state: OperationState = OperationState.PENDING
    command: CommandId | None = None
    message: str = ""
    finished_at: float | None = None
    idempotency_key: str = ""
    intake: int = 0
    previous: VmRecord | None = None
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether it is still to be settled."""
        return self.state in OPEN

    @property
    def automatic(self) -> bool:
        """Whether no person asked for it."""
        return self.actor == AUTOMATIC

    @property
    def pauses(self) -> bool:
        """Whether it failed, and what is open of it, or was, is the pause before the next try."""
        return self.automatic and PAUSES in self.message
