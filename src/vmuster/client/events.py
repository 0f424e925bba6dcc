"""The journal as it is written, for as long as somebody listens.

The server's stream may end at any moment: it is started anew, the line breaks, or its reader was
too slow. The id of the last event is all that is needed to go on, so that every entry is given
once and in its order, whatever happened in between.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import httpx2
import msgspec

from vmuster.client.asking import Answer, Asking, said
from vmuster.client.errors import ClientError

SILENCE_SECONDS: Final = 45.0
"""The server says every 15 seconds that there is nothing new: then the line is dead."""
_PAUSES: Final = (0.1, 0.3, 1.0, 2.0, 5.0, *(10.0,) * 12)
"""Before each try to go on, in seconds, since anything came but the greeting; after the last one
it is given up."""
_LATER: Final = frozenset({429, 502, 503, 504})
"""Refusals that pass by themselves."""
_END: Final = "end"


class Events(Asking):
    """What is written from now on."""

    def events(
        self,
        *,
        vm: str = "",
        host: str = "",
        kinds: Sequence[str] = (),
        since: str = "",
        last_event_id: int | None = None,
    ) -> Iterator[Answer]:
        """Entries of the journal, as they are written, without an end; waits for each.

        From now on; or from the moment `since` (RFC 3339), or after the entry `last_event_id`.
        Raises `ClientError` where the server refuses, or can't be reached for some two minutes.
        """
        seen = "" if last_event_id is None else str(last_event_id)
        params: dict[str, Any] = said(vm=vm, host=host, since=since)
        params |= {"kind": list(kinds)} if kinds else {}
        failures = 0
        while True:
            try:
                with self._line.follow(
                    "events", params=params, seen=seen, silence_seconds=SILENCE_SECONDS
                ) as stream:
                    for event in stream:
                        if event.event == _END:
                            break
                        seen = event.id
                        if event.retry is None:
                            failures = 0
                        if event.data:
                            yield msgspec.json.decode(event.data, type=Answer)
                lost: Exception | None = None
            except (httpx2.TransportError, ClientError) as error:
                if isinstance(error, ClientError) and error.status not in _LATER:
                    raise
                lost = error
            self._pause(failures, lost)
            failures += 1

    def _pause(self, failures: int, lost: Exception | None) -> None:
        """Wait before the next try. Raises `ClientError` after the last one."""
        if failures >= len(_PAUSES):
            raise ClientError(
                "the stream of events is lost",
                detail=str(lost or "it ends at once"),
                hint="see whether the server runs, and follow again",
            ) from lost
        time.sleep(_PAUSES[failures])  # noqa: TID251 - a client blocks its own caller only
