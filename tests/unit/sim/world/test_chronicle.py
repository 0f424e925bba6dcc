"""The chronicle knows which command an act belongs to, and when each look began."""

import asyncio
from uuid import UUID

from tests.simworlds import SmallWorld
from vmuster.model.changes import Changes
from vmuster.model.commands import MarkVm
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import Completeness
from vmuster.sim.world.truth import Committed


def test_an_act_is_told_with_its_command_its_epoch_and_the_vm_just_before() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        world.hosts["beta"].hypervisor.define(world.vm("db"), "db", running=True)
        await asyncio.sleep(60)
        await small.adopt("db")
        await asyncio.sleep(30)

    small.run(main)
    (act,) = small.ears.acts
    assert isinstance(act.command, MarkVm)
    assert (act.host, act.what, act.mark, act.adopted) == ("beta", "mark", None, False)
    assert (act.told_epoch, act.highest_epoch, act.runs_on) == (1, 1, ("beta",))
    assert act.command.id in world.truth.commands
    assert act.command.id in world.truth.entries
    assert world.truth.commands[act.command.id][0] < act.at
    assert len(world.truth.written[world.vm("db")]) == 1


def test_each_report_is_known_with_the_beginning_of_its_look() -> None:
    small = SmallWorld()
    small.run(lambda: asyncio.sleep(120))
    reports = [
        look for look in small.ears.looks if look.report.completeness is Completeness.COMPLETE
    ]
    assert len(reports) > 4
    assert all(look.began < look.sent for look in reports)
    truth = small.world.truth
    for look in small.ears.looks:
        stamp = (look.report.host, look.report.epoch, look.report.sequence)
        assert truth.looks[stamp] is look


def test_what_is_durable_is_told_with_the_server_that_wrote_it() -> None:
    small = SmallWorld()
    small.run(lambda: asyncio.sleep(60))
    assert {commit.process for commit in small.ears.commits} == {"server-1"}
    assert small.ears.commits[-1].at <= small.world.loop.time()


def test_what_is_written_is_told_with_names_and_without_ids() -> None:
    small = SmallWorld()
    world = small.world
    record = VmUuid(UUID(int=7))

    async def main() -> None:
        await asyncio.sleep(60)
        hosts = {host.name: host.id for host in await world.database.rows.find(Host)}
        words = f"{world.vm('web')} left {hosts['beta']} for h-0123456789ab, says {record}"
        entry = JournalEntry(
            at=0.0, kind=EntryKind.ALERT, actor="x", what=words, vm=world.vm("web")
        )
        changes = Changes(entries=(entry,))
        world.chronicle.committed(Committed(at=60.0, process="server-1", changes=changes))
        world.chronicle.refused("anna stops web", Refused(f"{world.vm('web')} is busy"))

    small.run(main)
    assert world.trace.loud[-2].endswith("server-1: alert about web: web left beta for …, says …")
    assert world.trace.loud[-1].endswith("*: anna stops web: refused: web is busy")
    assert world.truth.refused == [("anna", f"{world.vm('web')} is busy")]


def test_acts_are_kept_in_their_order() -> None:
    small = SmallWorld()

    async def main() -> None:
        small.world.hosts["beta"].hypervisor.define(small.world.vm("db"), "db", running=True)
        await asyncio.sleep(60)
        await small.adopt("db")
        await asyncio.sleep(30)

    small.run(main)
    assert small.world.truth.acts == small.ears.acts
