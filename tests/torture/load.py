"""Askers: threads that ask for starts and stops, whatever becomes of the server meanwhile.

Each request has an idempotency key. Where no answer comes, the very same request is asked again
until one does; now and then one that was acknowledged is repeated all the same.
"""

import random
import threading
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tests.torture.history import History, Line, Said
from tests.torture.stage import Stage
from vmuster.client.errors import ClientError
from vmuster.client.rest import Client

_PAUSE_SECONDS: Final = 0.05
_REPEATED: Final = 0.2
"""Of the acknowledged requests, how many are asked once more."""
_AGAINST: Final = 0.85
"""How often the opposite of what was last wished is asked for."""
_FORCED: Final = 0.5


class Askers:
    """So many askers, from `start` till `finish`."""

    def __init__(
        self, stage: Stage, vms: Sequence[UUID], history: History, seed: int, count: int
    ) -> None:
        self._stage = stage
        self._vms = [str(vm) for vm in vms]
        self._wished: dict[str, str] = {}
        self._history = history
        self._resting = threading.Event()
        self._given_up = threading.Event()
        self.broken: list[str] = []
        """Answers that no client should ever be given, and errors of the askers' own."""
        self._threads = [
            threading.Thread(target=self._live, args=(random.Random(seed * 1000 + n), n))
            for n in range(count)
        ]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> None:
        """Ask for nothing new, and wait until each request was answered."""
        self._resting.set()
        for thread in self._threads:
            thread.join(seconds)
        self.give_up()

    def give_up(self) -> None:
        """End at once, whether answered or not."""
        self._resting.set()
        self._given_up.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _live(self, chance: random.Random, number: int) -> None:
        try:
            with self._stage.client() as client:
                count = 0
                while not self._resting.is_set():
                    count += 1
                    self._ask(client, chance, f"asker-{number}-{count}")
        except Exception as error:  # a dead asker must not pass for a quiet one
            self.broken.append(f"asker {number}: {error!r}")

    def _ask(self, client: Client, chance: random.Random, key: str) -> None:
        """One request, until it is answered and settled."""
        vm = chance.choice(self._vms)
        last = self._wished.get(vm, "stop")
        same = chance.random() >= _AGAINST
        kind = last if same else {"start": "stop", "stop": "start"}[last]
        force = kind == "stop" and chance.random() < _FORCED
        request = Line(at=0.0, said=Said.ASKED, key=key, vm=vm, kind=kind, force=force)
        operation = self._answered(client, request)
        if not operation:
            _ = self._resting.wait(_PAUSE_SECONDS)
            return
        self._wished[vm] = kind
        if chance.random() < _REPEATED:
            _ = self._answered(client, request)
        self._await_end(client, operation)

    def _answered(self, client: Client, request: Line) -> str:
        """The operation that a request became; "" where it was refused."""
        while not self._given_up.is_set():
            self._history.write(Said.ASKED, request)
            try:
                operation = _send(client, request)["id"]
            except ClientError as error:
                if error.status is None or error.status == 503:
                    self._history.write(Said.SILENCE, request, detail=str(error))
                    _ = self._given_up.wait(_PAUSE_SECONDS)
                    continue
                if error.status != 409:
                    self.broken.append(f"{request.kind} {request.key}: {error.status}: {error}")
                self._history.write(Said.REFUSED, request, detail=str(error))
                return ""
            self._history.write(Said.ACKNOWLEDGED, request, operation=operation)
            return operation
        return ""

    def _await_end(self, client: Client, operation: str) -> None:
        while not self._resting.is_set():
            try:
                if client.operation(operation, wait_seconds=2)["finished_at"] is not None:
                    return
            except ClientError as error:
                if error.status == 404:  # the checker will ask for it again, and say so
                    return
                _ = self._resting.wait(_PAUSE_SECONDS)


def _send(client: Client, request: Line) -> dict[str, str]:
    if request.kind == "start":
        return client.start(request.vm, key=request.key)
    return client.stop(request.vm, force=request.force, key=request.key)
