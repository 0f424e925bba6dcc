"""A server that ends in the midst of its work: nothing is lost, done twice, or changed by it."""

import asyncio
from pathlib import Path

import pytest

from tests.fleets import TestFleet, vm_uuid
from tests.system.stories import tell
from vmuster.model.commands import CommandResult
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.states import (
    OperationKind,
    OperationState,
    PowerState,
    VmPhase,
)
from vmuster.model.vm import Sighting, VmRecord
from vmuster.server.context import Context
from vmuster.server.talks import sessions

KEPT = pytest.mark.parametrize("kept", ["in memory", "in SQLite"])


def database(kept: str, folder: Path) -> Path | None:
    return folder / "vmuster.db" if kept == "in SQLite" else None


async def deaf(fleet: TestFleet) -> tuple[Host, VmUuid]:
    """A VM of ours whose guest takes its time."""
    vm = vm_uuid()
    fleet.hypervisors["alpha"].define(vm, "db-01", running=True, deaf=True)
    host = await fleet.add_host("alpha")
    await fleet.adopt(vm)
    return host, vm


@KEPT
def test_a_request_outlives_the_server_that_took_it(kept: str, tmp_path: Path) -> None:
    async def story(fleet: TestFleet) -> None:
        _, vm = await deaf(fleet)
        alpha = fleet.hypervisors["alpha"]
        await fleet.policy(stop_grace_seconds=30)
        operation = await fleet.service.requests.power(OperationKind.STOP, vm, actor="anna")

        async def asked() -> bool:
            return alpha.acts[vm, "shutdown"] == 1

        await fleet.until(asked)
        await fleet.stop()
        assert alpha.domains[vm].power is PowerState.RUNNING
        await fleet.start()
        await fleet.policy(stop_grace_seconds=0.2)
        alpha.guest_shutdown(vm)
        ended = await fleet.done(operation)
        assert ended.state is OperationState.DONE, ended.message
        assert alpha.acts[vm, "force"] == 0
        assert alpha.acts[vm, "shutdown"] == 1, "the new server does not ask again"

    tell(story, database=database(kept, tmp_path))


@KEPT
def test_a_restart_changes_no_vm_and_no_record(kept: str, tmp_path: Path) -> None:
    async def story(fleet: TestFleet) -> None:
        host, vm = await deaf(fleet)
        alpha, stranger = fleet.hypervisors["alpha"], vm_uuid()
        alpha.define(stranger, "web-01", running=True)
        await fleet.sighted(host, stranger, power=PowerState.RUNNING)
        await fleet.passes(host, 2)
        acts, record = alpha.acts.copy(), await fleet.record(vm)
        entries = await fleet.store.find(JournalEntry)
        for _ in range(3):
            await fleet.restart()
            await fleet.passes(host, 2)
        assert alpha.acts == acts
        assert await fleet.record(vm) == record
        assert await fleet.store.find(JournalEntry) == entries
        assert (await fleet.now(host)).epoch == 4

    tell(story, database=database(kept, tmp_path))


@KEPT
def test_a_stop_that_was_carried_out_is_not_carried_out_again_by_the_next_server(
    kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(fleet: TestFleet) -> None:
        host, vm = await deaf(fleet)
        alpha = fleet.hypervisors["alpha"]

        async def written_down() -> bool:
            journal = await asyncio.to_thread(fleet.journal(host).read_bytes)
            return journal.count(b'"ended"') == 2

        async def hear_nothing(context: Context, result: CommandResult) -> None:
            """The server ends before it takes an answer in."""

        with monkeypatch.context() as patched:
            patched.setattr(sessions, "note_result", hear_nothing)
            stop = await fleet.service.requests.power(
                OperationKind.STOP, vm, actor="anna", force=True
            )
            await fleet.until(written_down)
            await fleet.stop()
        alpha.start(vm)
        await fleet.start()
        ended = await fleet.done(stop)
        assert "seen running" in ended.message
        await fleet.recorded(vm, power=PowerState.RUNNING, phase=VmPhase.RUNNING)
        assert alpha.acts[vm, "force"] == 1
        assert alpha.domains[vm].power is PowerState.RUNNING
        assert (await fleet.commands(vm)).count("stop_vm") == 1

    tell(story, database=database(kept, tmp_path))


def test_what_happened_while_no_server_ran_is_seen_by_the_next(tmp_path: Path) -> None:
    async def story(fleet: TestFleet) -> None:
        host, vm = await deaf(fleet)
        alpha = fleet.hypervisors["alpha"]
        await fleet.stop()
        alpha.destroy(vm)
        alpha.define(later := vm_uuid(), "new", running=True)
        await fleet.start()
        await fleet.recorded(vm, phase=VmPhase.STOPPED)
        await fleet.sighted(host, later, power=PowerState.RUNNING)

    tell(story, database=tmp_path / "vmuster.db")


def test_an_empty_database_takes_the_marks_of_the_old_one_for_strangers(tmp_path: Path) -> None:
    async def story(fleet: TestFleet) -> None:
        _, vm = await deaf(fleet)
        alpha = fleet.hypervisors["alpha"]
        await fleet.stop()
        await asyncio.to_thread(_lose_database, tmp_path)
        await fleet.start()
        acts = alpha.acts.copy()
        await fleet.policy(unknown_vms="stop-by-name", report_seconds=0.2, quiet_seconds=0)
        host = await fleet.add_host("alpha")
        await fleet.passes(host, 5)
        sighting = await fleet.sighting(host, vm)
        assert isinstance(sighting, Sighting)
        assert sighting.standing == "foreign"
        assert await fleet.store.find(VmRecord) == []
        assert alpha.acts == acts

    tell(story, database=tmp_path / "vmuster.db")


def _lose_database(folder: Path) -> None:
    for file in folder.glob("vmuster.db*"):
        file.unlink()
