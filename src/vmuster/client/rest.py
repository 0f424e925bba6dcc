"""The client: one method for each route. Answers are the server's JSON as it is; refusals are
`ClientError`."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from vmuster.client.api_keys import ApiKeys
from vmuster.client.checkup import Checkup
from vmuster.client.estate import Estate
from vmuster.client.events import Events
from vmuster.client.explanations import Explanations
from vmuster.client.hosts import Hosts
from vmuster.client.profile import Profile
from vmuster.client.recordings import Recordings
from vmuster.client.records import Records
from vmuster.client.talking import PATIENCE_SECONDS, Answer, Line, in_silence
from vmuster.client.vms import Vms
from vmuster.client.webhooks import Webhooks

__all__ = ["Answer", "Client"]


class Client(
    Estate, Hosts, Vms, Records, ApiKeys, Events, Webhooks, Explanations, Checkup, Recordings
):
    """Talks to one server. Use it in a `with` statement, or call `close`. Threads may share it.

    References (`host`, `vm`, ...) are names or ids; a name may hold any characters. Where a method
    takes `key`, repeated calls with the same one are one request, and a lost answer is asked for
    again. `patience`: seconds for an answer. `dry_run`: nothing is changed; the first request that
    would change something raises `Rehearsed`. `waiting` is told the seconds, before a server is
    waited for that has too much to do.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        patience: float = PATIENCE_SECONDS,
        dry_run: bool = False,
        waiting: Callable[[float], None] = in_silence,
    ) -> None:
        super().__init__(Line(profile, patience=patience, dry_run=dry_run, waiting=waiting))

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
