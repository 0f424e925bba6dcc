"""The chronicle knows which command an act belongs to, and when each look began."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import msgspec

from tests.simworlds import SmallWorld
from vmuster.model.changes import Changes
from vmuster.model.commands import MarkVm
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.messages import Heartbeat, Trouble
from vmuster.model.states import Completeness
from vmuster.sim.world.truth import Committed, Silent
from vmuster.sim.world.world import World


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


class Told(Silent):
    """Remembers what is told of the shipped code itself."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def stale(self, process: str, why: str) -> None:
        self.words.append(f"stale {process}: {why}")

    def died(self, process: str, why: str) -> None:
        self.words.append(f"died {process}: {why}")

    def logged(self, process: str, event: Mapping[str, object]) -> None:
        self.words.append(f"logged {process}: {event['event']}")

    def failed(self, process: str, error: BaseException) -> None:
        self.words.append(f"failed {process}: {error!r}")


def test_what_befalls_the_shipped_code_is_told_with_its_process() -> None:
    world, told = World(1), Told()
    chronicle = world.chronicle
    chronicle.watchers.append(told)
    chronicle.stale("server-1", "a row")
    chronicle.died("server-1", "killed")
    chronicle.logged({"event": "a warning"})
    chronicle.failed(KeyError("vm"))
    assert told.words == [
        "stale server-1: a row",
        "died server-1: killed",
        "logged world: a warning",
        "failed world: KeyError('vm')",
    ]


def test_what_is_cleaned_up_when_the_run_is_over_is_no_part_of_it() -> None:
    world, told = World(1), Told()
    chronicle = world.chronicle
    chronicle.watchers.append(told)

    async def fail(name: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            chronicle.note("*", f"{name} cleans up")
            chronicle.failed(KeyError(name))
            chronicle.logged({"event": f"{name} is gone"})

    async def main() -> None:
        ended, _left = [world.loop.spawn(world.loop.world, fail(each)) for each in ("one", "two")]
        await asyncio.sleep(30)
        ended.cancel()
        await asyncio.sleep(0)

    world.run(main())
    assert told.words == ["failed world: KeyError('one')", "logged world: one is gone"]
    assert [line.partition("*: ")[2] for line in world.trace.loud] == ["one cleans up"]


def test_what_was_taken_in_is_kept_as_far_as_the_database_knows_it() -> None:
    small = SmallWorld()
    small.run(lambda: asyncio.sleep(120))
    truth, database = small.world.truth, small.world.database
    hosts = list(database.every(Host))
    for host in hosts:
        last = truth.taken[host.id][-1]
        assert last.look is truth.looks[host.id, host.epoch, host.sequence]
        assert last.look.machine == host.name
        assert last.look.sent <= last.at
    older = [msgspec.structs.replace(host, sequence=2) for host in hosts]
    small.world.chronicle.restored(older)
    for host in older:
        stamps = [
            (each.look.report.epoch, each.look.report.sequence) for each in truth.taken[host.id]
        ]
        assert stamps == [(1, 1), (1, 2)]
    small.world.chronicle.restored()
    assert all(not taken for taken in truth.taken.values())


def test_life_is_shown_by_whatever_says_so() -> None:
    world = World(1)
    world.loop._time = 7.0  # pyright: ignore[reportPrivateUsage]
    chronicle, host = world.chronicle, HostId("home")
    chronicle.heard("alpha", Trouble(host=host, what="the list failed"))
    chronicle.heard("alpha", Heartbeat(host=host, answers=False))
    assert world.truth.signs == {}
    chronicle.heard("alpha", Heartbeat(host=host, answers=False, alive=True))
    chronicle.heard("beta", Heartbeat(host=host, answers=True))
    assert world.truth.signs == {"alpha": 7.0, "beta": 7.0}
