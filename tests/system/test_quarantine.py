"""An old database is put back: it is noticed, nothing is sent, and a person finds the way out.

In each story a fleet runs over a SQLite file, its backup is taken, the world moves on, and the
server starts over the backup (F59-F61).
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Host
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, OperationKind, PowerState, Standing
from vmuster.model.vm import VmRecord
from vmuster.server.requests.arming import ArmingScope
from vmuster.server.requests.quarantine import leave, view

_SUFFIXES = ("", "-wal", "-shm")


class Past:
    """A fleet whose server can be stopped, and started over what its database was."""

    def __init__(self, fleet: TestFleet, database: Path) -> None:
        self.fleet = fleet
        self._database = database
        self._kept = database.with_name("backup")

    async def keep(self) -> None:
        """Take a backup while nothing runs."""
        await self.fleet.stop()
        await asyncio.to_thread(self._copy, self._database, self._kept)
        await self.fleet.start()

    async def put_back(self, lose: Host | None = None) -> None:
        """Start a server over the backup. `lose`: a host whose agent's own memory is lost too, so
        that the marks are the only high-water."""
        await self.fleet.stop()
        if lose is not None:
            await asyncio.to_thread(self.fleet.journal(lose).unlink)
        await asyncio.to_thread(self._copy, self._kept, self._database)
        await self.fleet.start()

    def _copy(self, source: Path, target: Path) -> None:
        for suffix in _SUFFIXES:
            there = source.with_name(source.name + suffix)
            target.with_name(target.name + suffix).unlink(missing_ok=True)
            if there.exists():
                shutil.copyfile(there, target.with_name(target.name + suffix))


async def quarantined(fleet: TestFleet) -> tuple[str, ...]:
    """Wait until the fleet is in quarantine; returns the evidence."""

    async def so() -> tuple[str, ...] | None:
        found = fleet.service.context.fleet.quarantine
        return found.evidence if found is not None else None

    return await fleet.until(so)


async def left(fleet: TestFleet) -> None:
    """Leave the quarantine, as soon as every host has given an account."""

    async def so() -> bool:
        try:
            await leave(fleet.service.context, fleet.service.switchboard, actor="anna")
        except Unavailable:
            return False
        return True

    await fleet.until(so)


def drill(tmp_path: Path, story: Callable[[Past], Awaitable[None]], **policy: object) -> None:
    database = tmp_path / "vmuster.db"

    async def told(fleet: TestFleet) -> None:
        await story(Past(fleet, database))

    tell(told, policy=policy, database=database)


class Drill:
    """VMs of ours at the backup, and what is done to them afterwards."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self.fleet = past.fleet
        self.alpha = past.fleet.hypervisors["alpha"]
        self.old, self.resigned, self.released, self.adopted = (vm_uuid() for _ in range(4))
        self.stray = vm_uuid()
        self.highest = self.acts = 0

    async def begin(self) -> Host:
        """Three VMs are adopted, and the backup is taken."""
        names = {self.old: "i-1-1-VM", self.resigned: "i-1-2-VM", self.released: "db"}
        for vm, name in names.items():
            self.alpha.define(vm, name, running=True)
        host = await self.fleet.add_host("alpha")
        for vm in names:
            await self.fleet.adopt(vm)
        await self.past.keep()
        return host

    async def move_on(self) -> None:
        """One is signed anew, one is released, and another one is adopted."""
        await self.fleet.adopt(self.resigned)
        release = self.fleet.service.requests.release
        await self.fleet.done(await release(self.released, actor="anna"))
        self.alpha.define(self.adopted, "i-1-4-VM", running=True)
        await self.fleet.adopt(self.adopted)
        self.highest = max(self.fleet.generations.values())
        self.acts = self.alpha.acts.total()

    async def refuse_all(self) -> None:
        """Every request is refused, with the way to the reason."""
        for kind in (OperationKind.START, OperationKind.STOP):
            with pytest.raises(Refused) as refused:
                await self.fleet.power(kind, self.old, force=True)
            assert refused.value.hint == "vmuster quarantine show"
        requests = self.fleet.service.requests
        for request in (requests.adopt, requests.release):
            with pytest.raises(Refused, match="quarantine"):
                await request(self.adopted, actor="anna")

    @property
    def untouched(self) -> bool:
        """Whether nothing was done to any VM since the world moved on, and ours run."""
        ours = (self.old, self.resigned, self.released, self.adopted)
        running = all(self.alpha.domains[vm].power is PowerState.RUNNING for vm in ours)
        return running and self.alpha.acts.total() == self.acts


@pytest.mark.parametrize("rung", ["leave", "stop-by-mark", "stop-by-name"])
@pytest.mark.parametrize("journals", ["kept", "lost"])
def test_the_drill(tmp_path: Path, rung: str, journals: str) -> None:
    """Adopted, signed anew, released since the backup: nothing of it is stopped, on any rung."""

    async def story(past: Past) -> None:
        drill_, fleet = Drill(past), past.fleet
        host = await drill_.begin()
        await drill_.move_on()
        await past.put_back(lose=host if journals == "lost" else None)
        await fleet.policy(unknown_vms=rung, drift="enforce", restart="always")
        assert await quarantined(fleet)
        drill_.alpha.define(drill_.stray, "i-2-78-VM", running=True)
        await fleet.standing(host, drill_.stray, Standing.LOOKALIKE)
        await fleet.passes(host, 5)
        await drill_.refuse_all()
        shown = await view(fleet.service.context)
        assert [vm.uuid for vm in shown.orphans] == [drill_.adopted]
        assert drill_.untouched

        await left(fleet)
        await fleet.standing(host, drill_.adopted, Standing.ORPHAN)
        await fleet.passes(host, 5)
        after = fleet.service.context.fleet
        assert after.quarantine is None, "what was said once is not said again"
        assert after.disarmed is not None
        assert (after.disarmed.by, after.intake > drill_.highest) == ("anna", True)
        await fleet.service.arming.arm(ArmingScope.FLEET, actor="anna")
        await fleet.passes(host, 5)
        assert drill_.untouched, "an orphan holds what could stop others"
        assert drill_.alpha.acts_on(drill_.stray) == 0
        drill_.alpha.undefine(drill_.stray)
        drill_.alpha.destroy(drill_.stray)
        await fleet.adopt(drill_.adopted)
        assert fleet.generations[drill_.adopted] > drill_.highest
        await fleet.standing(host, drill_.adopted, Standing.OWNED)

    drill(tmp_path, story)


def test_an_old_wish_is_carried_out_by_nobody(tmp_path: Path) -> None:
    """A stop that was in the outbox at the backup, and a start that was asked for since."""

    async def story(past: Past) -> None:
        fleet, alpha = past.fleet, past.fleet.hypervisors["alpha"]
        vm, later = vm_uuid(), vm_uuid()
        alpha.define(vm, "web", running=True)
        host = await fleet.add_host("alpha")
        await fleet.adopt(vm)
        await fleet.power(OperationKind.STOP, vm)
        await past.keep()
        await fleet.power(OperationKind.START, vm)
        alpha.define(later, "later", running=True)
        await fleet.adopt(later)
        acts = alpha.acts_on(vm)

        await past.put_back()
        await quarantined(fleet)
        await left(fleet)
        await fleet.service.arming.arm(ArmingScope.FLEET, actor="anna")
        await fleet.recorded(vm, desired=DesiredState.RUNNING)
        await fleet.passes(host, 5)
        assert alpha.acts_on(vm) == acts
        assert alpha.domains[vm].power is PowerState.RUNNING

    drill(tmp_path, story, drift="enforce", restart="always")


def test_what_was_deleted_since_the_backup_is_missing_and_not_made_anew(tmp_path: Path) -> None:
    async def story(past: Past) -> None:
        fleet, alpha = past.fleet, past.fleet.hypervisors["alpha"]
        gone, new = vm_uuid(), vm_uuid()
        alpha.define(gone, "gone", running=True)
        host = await fleet.add_host("alpha")
        await fleet.adopt(gone)
        await past.keep()
        await fleet.done(await fleet.service.requests.release(gone, actor="anna"))
        alpha.destroy(gone)
        alpha.undefine(gone)
        alpha.define(new, "new", running=True)
        await fleet.adopt(new)

        await past.put_back()
        await quarantined(fleet)
        await fleet.passes(host, 3)
        shown = await view(fleet.service.context)
        assert [vm.uuid for vm in shown.missing] == [gone]
        await left(fleet)
        await fleet.passes(host, 3)
        assert gone not in alpha.domains

    drill(tmp_path, story, drift="enforce", restart="always")


def test_an_operation_of_the_past_is_closed_and_its_command_is_never_sent(tmp_path: Path) -> None:
    async def story(past: Past) -> None:
        fleet, alpha = past.fleet, past.fleet.hypervisors["alpha"]
        vm, new = vm_uuid(), vm_uuid()
        alpha.define(vm, "web", running=True, deaf=True)
        host = await fleet.add_host("alpha")
        await fleet.adopt(vm)
        asked = await fleet.service.requests.power(OperationKind.STOP, vm, actor="anna")
        await fleet.until(lambda: _on_its_way(fleet, asked))
        await past.keep()
        alpha.define(new, "new", running=True)
        await fleet.adopt(new)
        await past.put_back()
        await quarantined(fleet)
        shown = await view(fleet.service.context)
        assert [operation.id for operation in shown.operations] == [asked.id]
        before = alpha.acts_on(vm)
        await left(fleet)
        closed = await fleet.store.get(Operation, asked.id)
        assert closed is not None
        assert not closed.open
        assert "quarantine" in closed.message
        assert await fleet.store.find(OutboxCommand, answered_at=None) == []
        await fleet.passes(host, 5)
        assert alpha.acts_on(vm) == before
        record = await fleet.recorded(vm, desired=DesiredState.RUNNING)
        assert isinstance(record, VmRecord)

    drill(tmp_path, story)


async def _on_its_way(fleet: TestFleet, operation: Operation) -> bool:
    now = await fleet.store.get(Operation, operation.id)
    return now is not None and now.command is not None
