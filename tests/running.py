"""A running service in the hand of a test: started, stopped, asked and waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from tests.checkups import HandSurroundings
from tests.outside import HandHostKeys, HandPoster, HandRing, HandSealer
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Host, Profile
from vmuster.model.ids import ClusterName, VmUuid
from vmuster.model.operations import Operation
from vmuster.model.states import HostMode, OperationKind, Standing
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store
from vmuster.server.context import Context
from vmuster.server.founding import found
from vmuster.server.requests.copies import forget_copy
from vmuster.server.secrets.signing import Signer
from vmuster.server.service import Service
from vmuster.server.talks.switchboard import Attach
from vmuster.wiring.outside.clock import SystemClock
from vmuster.wiring.outside.recordings import RecordingFolder
from vmuster.wiring.secrets.keys import fresh_key

_T = TypeVar("_T")

PATIENCE_SECONDS = 60.0
SWEEP_SECONDS = 0.1
QUICK: dict[str, object] = {
    "report_seconds": 0.1,
    "quiet_seconds": 0.0,
    "steady_seconds": 0.0,
    "confirm_after_seconds": 0.2,
    "stop_grace_seconds": 0.3,
}
"""A policy in a hurry."""


class RunningFleet:
    """A running service, and what tests ask of it. `reopen` opens its database again;
    `recordings`: the folder in which passes are recorded (None: nowhere)."""

    def __init__(
        self,
        attach: Attach,
        reopen: Callable[[], Store],
        *,
        loopback_hosts: bool = False,
        recordings: Path | None = None,
    ) -> None:
        self.keyring = HandRing()
        self.host_keys = HandHostKeys()
        self.poster = HandPoster()
        self.generations: dict[VmUuid, int] = {}
        self._attach = attach
        self._reopen = reopen
        self._loopback_hosts = loopback_hosts
        self._recordings = recordings
        self._service: Service | None = None

    @property
    def signer(self) -> Signer:
        """The key that the fleet signs with now."""
        return self.keyring.signer

    @property
    def service(self) -> Service:
        assert self._service is not None, "the fleet has not been started"
        return self._service

    @property
    def store(self) -> Store:
        return self.service.store

    async def start(self) -> None:
        """Begin, over the database as it is."""
        store, clock = await asyncio.to_thread(self._reopen), SystemClock()
        fleet = await found(store, clock, self.signer, "VM")
        context = Context(store=store, clock=clock, fleet=fleet, signer=self.signer)
        self._service = Service(
            context,
            self._attach,
            keyring=self.keyring,
            sealer=HandSealer(),
            host_keys=self.host_keys,
            poster=self.poster,
            surroundings=HandSurroundings(),
            mint=fresh_key,
            loopback_hosts=self._loopback_hosts,
            recordings=None if self._recordings is None else RecordingFolder(self._recordings),
            sweep_seconds=SWEEP_SECONDS,
        )
        await self._service.start()

    async def stop(self) -> None:
        """End the server; its database stays."""
        await self.service.close()

    async def restart(self) -> None:
        """A new server over the same database."""
        await self.stop()
        await self.start()

    async def add(self, name: str, profile: Profile, mode: HostMode, cluster: str) -> Host:
        """Add a host and wait for its first complete account."""
        found = await self.store.get(Cluster, ClusterName(cluster))
        assert found is not None
        host = await self.service.add_host(name=name, profile=profile, cluster=found, actor="test")
        await self.until(lambda: self._accounted(host))
        if mode is not HostMode.OBSERVE:
            await self.mode(host, mode)
        return host

    async def mode(self, host: Host, mode: HostMode) -> None:
        """Set a host's mode, whoever else marks VMs there."""
        now = await self.now(host)
        await self.service.estate.set_mode(now, mode, actor="anna", shared=True)

    async def policy(self, cluster: str = "default", /, **settings: object) -> None:
        """Change a cluster's policy."""
        found = await self.store.get(Cluster, ClusterName(cluster))
        assert found is not None
        await self.service.estate.set_policy(found, settings, actor="anna")

    async def adopt(self, vm: VmUuid) -> VmRecord:
        """Adopt a VM, as soon as it is seen, and wait until it is ours."""
        await self.until(lambda: self.store.find(Sighting, uuid=vm, absent=False))
        await self.done(await self.service.requests.adopt(vm, actor="anna"))
        record = await self.record(vm)
        self.generations[vm] = record.mark_generation
        return record

    async def forget_copy(self, vm: VmUuid, host: Host) -> Operation:
        """Give a person's word that nothing of a VM is left on a host."""
        service, now = self.service, await self.now(host)
        return await forget_copy(service.context, service.switchboard, vm, now, actor="anna")

    async def power(self, kind: OperationKind, vm: VmUuid, *, force: bool = False) -> Operation:
        """Start or stop a VM, by request, and wait for the end of it."""
        return await self.done(
            await self.service.requests.power(kind, vm, actor="anna", force=force)
        )

    async def done(self, operation: Operation) -> Operation:
        """Wait until an operation has ended; returns it."""

        async def ended() -> Operation | None:
            now = await self.store.get(Operation, operation.id)
            return now if now is not None and not now.open else None

        return await self.until(ended)

    async def now(self, host: Host) -> Host:
        """A host's record as it is now."""
        found = await self.store.get(Host, host.id)
        assert found is not None
        return found

    async def record(self, vm: VmUuid) -> VmRecord:
        """The record of a VM that has one."""
        found = await self.store.get(VmRecord, vm)
        assert found is not None
        return found

    async def recorded(self, vm: VmUuid, **expected: object) -> VmRecord:
        """Wait until a VM's record has these values."""

        async def so() -> VmRecord | None:
            now = await self.store.get(VmRecord, vm)
            return now if now is not None and _has(now, expected) else None

        return await self.until(so)

    async def sighting(self, host: Host, vm: VmUuid) -> Sighting | None:
        """What was last seen of a VM on a host."""
        return await self.store.get(Sighting, host.id, vm)

    async def sighted(self, host: Host, vm: VmUuid, **expected: object) -> Sighting:
        """Wait until a VM was seen so on a host."""

        async def so() -> Sighting | None:
            now = await self.sighting(host, vm)
            return now if now is not None and _has(now, expected) else None

        return await self.until(so)

    async def standing(self, host: Host, vm: VmUuid, standing: Standing) -> Sighting:
        """Wait until a VM has this standing on a host."""
        return await self.sighted(host, vm, standing=standing)

    async def commands(self, vm: VmUuid) -> list[str]:
        """Every command that there ever was about a VM, oldest first."""
        sent = await self.store.find(OutboxCommand, vm=vm)
        ordered = sorted(sent, key=lambda row: row.created_at)
        return [str(row.command.__struct_config__.tag) for row in ordered]

    async def passes(self, host: Host, count: int = 2) -> None:
        """Wait for that many more reports of a host that were taken in."""
        before = await self.now(host)

        async def later() -> bool:
            now = await self.now(host)
            wanted = (before.epoch, before.sequence + count)
            return (now.epoch, now.sequence) >= wanted

        await self.until(later)

    async def until(self, condition: Callable[[], Awaitable[_T | None]]) -> _T:
        """Wait until `condition` gives something true; returns it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := await condition()):  # noqa: ASYNC110  # a database rings no bell
                await asyncio.sleep(0.02)
            return found

    async def _accounted(self, host: Host) -> bool:
        return (await self.now(host)).last_complete_at is not None


def _has(value: object, expected: dict[str, object]) -> bool:
    return all(getattr(value, name) == wanted for name, wanted in expected.items())
