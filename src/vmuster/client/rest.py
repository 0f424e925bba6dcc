"""The client: one method for each route. Answers are the server's JSON as it is; refusals are
`ClientError`."""

from types import TracebackType
from typing import Self

from vmuster.client.estate import Estate
from vmuster.client.hosts import Hosts
from vmuster.client.profile import Profile
from vmuster.client.records import Records
from vmuster.client.talking import PATIENCE_SECONDS, Answer, Line
from vmuster.client.vms import Vms

__all__ = ["Answer", "Client"]


class Client(Estate, Hosts, Vms, Records):
    """Talks to one server. Use it in a `with` statement, or call `close`. Threads may share it.

    References (`host`, `vm`, ...) are names or ids; a name may hold any characters. Where a method
    takes `key`, repeated calls with the same one are one request, and a lost answer is asked for
    again. `patience`: seconds for an answer.
    """

    def __init__(self, profile: Profile, *, patience: float = PATIENCE_SECONDS) -> None:
        super().__init__(Line(profile, patience=patience))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()
