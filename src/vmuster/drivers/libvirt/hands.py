"""Hands: a worker for each VM that is acted on, so that a frozen VM holds up nothing else.

An act on a frozen VM hangs for as long as the VM is frozen. It costs one thread and one
connection; the host's looks and the acts on its other VMs never wait for it (L13).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from vmuster.drivers.libvirt.worker import Patience, Worker
from vmuster.drivers.rules import still_hangs
from vmuster.model.ids import VmUuid
from vmuster.ports.driver import DriverError

C = TypeVar("C")
T = TypeVar("T")

AT_ONCE_MAX: Final = 8
"""So many VMs are acted on at the same time; a further act waits for its turn."""
HUNG_MAX: Final = 12
"""With so many acts that do not come back no other is begun: each holds one of the daemon's own
threads, and libvirtd has twenty for calls like these."""


@dataclass
class _Hand(Generic[C]):
    """The worker of one VM, and how many calls want it."""

    worker: Worker[C]
    wanted: int = 0


class Hands(Generic[C]):
    """Workers made by `hire` at the first act on a VM, and dismissed after the last."""

    def __init__(self, hire: Callable[[], Worker[C]]) -> None:
        self._hire = hire
        self._hands: dict[VmUuid, _Hand[C]] = {}
        self._places = asyncio.Semaphore(AT_ONCE_MAX)

    async def call(self, vm: VmUuid, work: Callable[[C, Patience], T], seconds: float) -> T:
        """Run `work`, which acts on `vm`, in a thread; see `Worker.call`.

        A call that was given up is not `broken`: only this VM's own connection is lost. Until it
        comes back, further acts on that VM are refused at once.
        """
        self._refuse_hung(vm)
        try:
            async with asyncio.timeout(seconds):
                _ = await self._places.acquire()
        except TimeoutError:
            raise DriverError(f"busy with other acts for more than {seconds:g} s") from None
        try:
            self._refuse_hung(vm)
            return await self._call(self._hand(vm), work, seconds)
        finally:
            self._places.release()

    async def _call(self, hand: _Hand[C], work: Callable[[C, Patience], T], seconds: float) -> T:
        hand.wanted += 1
        try:
            return await hand.worker.call(work, seconds)
        except DriverError as error:
            if hand.worker.dismissed:
                raise DriverError(str(error), unknown=error.unknown, late=error.late) from None
            raise
        finally:
            hand.wanted -= 1
            if not hand.wanted:
                hand.worker.dismiss()

    def _hand(self, vm: VmUuid) -> _Hand[C]:
        if vm not in self._hands:
            self._hands[vm] = _Hand(self._hire())
        return self._hands[vm]

    def _refuse_hung(self, vm: VmUuid) -> None:
        """Raise where no act on `vm` may begin; forget those that came back."""
        self._hands = {
            known: hand
            for known, hand in self._hands.items()
            if hand.worker.busy or not hand.worker.dismissed
        }
        if vm not in self._hands:
            hung = sum(hand.worker.dismissed for hand in self._hands.values())
            if hung >= HUNG_MAX:
                raise DriverError(f"{hung} earlier calls on other VMs still hang")
        elif self._hands[vm].worker.dismissed:
            raise still_hangs(begun=self._hands[vm].worker.deed_begun)

    def dismiss(self) -> None:
        """Begin nothing more on the present connections; what is under way goes on."""
        for hand in self._hands.values():
            hand.worker.dismiss()

    async def gone(self, seconds: float) -> None:
        """Wait up to `seconds` for the threads to end."""
        _ = await asyncio.gather(*(hand.worker.gone(seconds) for hand in self._hands.values()))
