"""What follows from time passing and nobody saying anything: for hosts, people, requests."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from tests.servers import STOPPED, Bench, bench, seen, vm
from tests.watches import Watch
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.host import Host
from vmuster.model.ids import HostId, HostUuid
from vmuster.model.journal import EntryKind
from vmuster.model.messages import Heartbeat
from vmuster.model.policy import FleetPolicy
from vmuster.model.states import HostHealth
from vmuster.ports.store import Store
from vmuster.server.answers.status import status
from vmuster.server.answers.views import vms
from vmuster.server.references import host_called
from vmuster.server.talks.troubles import note_trouble
from vmuster.server.watch.alarms import ALERT_AFTER_SECONDS
from vmuster.server.watch.sweep import Sweep
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite

pytestmark = pytest.mark.anyio
UP, SUSPECT, UNREACHABLE, FENCED = HostHealth


@pytest.fixture
async def watch(parts: Bench) -> Watch:
    return Watch(parts)


async def test_a_host_that_says_nothing_becomes_suspect_and_then_unreachable(
    watch: Watch,
) -> None:
    host = await watch.host()
    await watch.after(89)
    assert (await watch.parts.now(host)).health is UP
    await watch.after(1)
    now = await watch.parts.now(host)
    assert (now.health, now.trouble) == (SUSPECT, "nothing is heard of its agent")
    await watch.after(210)
    now = await watch.parts.now(host)
    assert (now.health, now.trouble) == (
        UNREACHABLE,
        "no sign of life of the host or its hypervisor",
    )
    version = now.version
    await watch.after(2)
    assert (await watch.parts.now(host)).version == version, "what is known is not written again"
    decisions = [e.what for e in await watch.said(EntryKind.DECISION) if e.vm is None]
    assert [what.split(": ")[1] for what in decisions] == [
        "suspect → up",
        "up → suspect",
        "suspect → unreachable",
    ]


async def test_its_vms_keep_their_last_state_with_its_age(watch: Watch) -> None:
    parts, host = watch.parts, await watch.host()
    await parts.adopted(host, vm(1))
    record, sighting = await parts.record(vm(1)), await parts.sighting(host, vm(1))
    await watch.after(400)
    assert (await parts.now(host)).health is UNREACHABLE
    assert await parts.record(vm(1)) == record
    assert await parts.sighting(host, vm(1)) == sighting
    assert (await parts.now(host)).last_complete_at == parts.clock.now() - 400


async def test_a_hung_hypervisor_on_a_host_that_lives_is_suspect_for_ever(watch: Watch) -> None:
    """F20: and the words say which it is."""
    host = await watch.host()
    for _ in range(100):
        beat = Heartbeat(host=host.id, answers=False, alive=True)
        watch.parts.context.pulses.heard(host.id)
        watch.parts.context.pulses.beat(beat, "no answer in 5 s")
        await watch.after(10)
    now = await watch.parts.now(host)
    assert now.health is SUSPECT
    assert now.trouble == (
        "its hypervisor does not answer, and the host itself lives: no answer in 5 s"
    )


async def test_a_host_is_up_again_without_any_report_once_it_held(watch: Watch) -> None:
    await watch.parts.policy(steady_seconds=60)
    host = await watch.host()
    await note_trouble(watch.parts.context, host.id, "connection refused")
    await watch.after(30, host)
    assert (await watch.parts.now(host)).health is SUSPECT
    await watch.after(60)
    now = await watch.parts.now(host)
    assert (now.health, now.flaps) == (UP, 1)


async def test_one_host_that_is_lost_is_alerted_once_and_not_at_once(watch: Watch) -> None:
    host, other = await watch.host("alpha"), await watch.host("beta")
    await note_trouble(watch.parts.context, host.id, "connection refused")
    await watch.after(2, other)
    assert await watch.said(EntryKind.ALERT) == []
    for _ in range(3):
        await watch.after(ALERT_AFTER_SECONDS, other)
    (alert,) = await watch.said(EntryKind.ALERT)
    assert alert.host == host.id
    assert alert.what == "host alpha is suspect: connection refused"


async def test_an_alert_of_a_host_that_is_back_says_that_it_is(watch: Watch) -> None:
    await watch.parts.policy(steady_seconds=60)
    host = await watch.host("alpha")
    await note_trouble(watch.parts.context, host.id, "connection refused")
    await watch.after(0, host)
    await watch.after(ALERT_AFTER_SECONDS, host)
    (alert,) = await watch.said(EntryKind.ALERT)
    assert alert.what.startswith("host alpha is suspect: it gives accounts again")


async def test_when_many_go_silent_there_is_one_alert_and_no_automatic_act(watch: Watch) -> None:
    """F79: four of ten at once; what is well is left alone too, until they are back."""
    parts = watch.parts
    await parts.policy(drift="enforce")
    hosts = [await watch.host(name) for name in "abcdefghij"]
    well, silent = hosts[4:], hosts[:4]
    await parts.adopted(well[0], vm(1), power=STOPPED)
    await watch.after(0, *hosts)
    started = seen(vm(1), mark=parts.mark(vm(1)))
    for _ in range(40):
        await watch.after(10, *well)
    assert {(await parts.now(host)).health for host in silent} == {UNREACHABLE}
    assert {(await parts.now(host)).health for host in well} == {UP}
    await parts.report(well[0], started)
    assert len(await parts.sent(vm(1))) == 1, "the mark, and no stop"
    (alert,) = await watch.said(EntryKind.ALERT)
    assert alert.what.startswith("nothing is done automatically in cluster default")
    assert "3 of 10" in alert.what or "4 of 10" in alert.what
    await watch.after(10, *hosts)
    assert any("closed again" in e.what for e in await watch.said(EntryKind.DECISION))
    await parts.report(well[0], started)
    assert len(await parts.sent(vm(1))) == 2, "they are back"
    assert len(await watch.said(EntryKind.ALERT)) == 1


async def test_the_pulse_of_a_host_that_was_removed_is_forgotten(watch: Watch) -> None:
    pulses, gone = watch.parts.context.pulses, HostId("h-gone")
    pulses.heard(gone)
    await watch.after(5)
    assert pulses.signs(gone).watched == 0


async def test_a_refused_host_keeps_the_words_of_its_refusal(watch: Watch) -> None:
    parts, host = watch.parts, await watch.host()
    claimed = HostUuid(vm(7))
    await note_trouble(parts.context, host.id, "refused", kind=EntryKind.ALERT, claims=claimed)
    for _ in range(10):
        parts.context.pulses.reached(host.id)
        await watch.after(100)
    now = await parts.now(host)
    assert (now.trouble, now.health) == ("refused", SUSPECT)
    await watch.after(300)
    assert (await parts.now(host)).health is UNREACHABLE, "nobody greets there any more"


class Unwilling(MemoryStore):
    """A store that fails a few times, or where somebody writes a host just before a commit."""

    failing = 0
    victim: Host | None = None

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if self.failing:
            self.failing -= 1
            raise Unavailable("the database does not answer")
        victim, self.victim = self.victim, None
        if victim is not None:
            noted = msgspec.structs.replace(victim, name="renamed")
            await super().commit([Changes(writes=(Write(before=victim, after=noted),))])
        return await super().commit(changes)


async def over(store: Store) -> Watch:
    return Watch(await bench(store))


async def test_what_somebody_wrote_in_between_is_judged_in_the_next_round(
    anyio_backend: str,
) -> None:
    store = Unwilling()
    watch = await over(store)
    host = await watch.host()
    store.victim = await watch.parts.now(host)
    await watch.after(100)
    now = await watch.parts.now(host)
    assert (now.name, now.health) == ("renamed", UP)
    await watch.after(2)
    now = await watch.parts.now(host)
    assert (now.name, now.health) == ("renamed", SUSPECT)


async def test_the_sweep_outlives_a_database_that_does_not_answer(anyio_backend: str) -> None:
    store = Unwilling()
    watch = await over(store)
    host = await watch.host()
    watch.parts.clock.pass_by(100)
    store.failing = 2
    rounds = 0

    class Enough(Exception):
        pass

    cluster = await watch.parts.cluster()

    def count() -> None:
        nonlocal rounds
        rounds += 1
        dark = watch.parts.context.weather.dark(cluster.name, cluster.policy, FleetPolicy())
        assert bool(dark) is (rounds <= 2), "what is not counted is dark"
        if rounds == 4:
            raise Enough

    watch.parts.clock.on_sleep = count
    with pytest.raises(Enough):
        await Sweep(watch.parts.context, watch.parts.heard).run()
    assert (await watch.parts.now(host)).health is SUSPECT


class Telling(MemoryStore):
    """A store that says how dark it is while hosts are written, and how many at once."""

    def __init__(self) -> None:
        super().__init__()
        self.dark: Callable[[], str] = str
        self.writes: list[tuple[int, str]] = []

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        self.writes.append((len(changes), self.dark()))
        return await super().commit(changes)


async def test_a_crowd_is_counted_before_it_is_written_and_written_in_small_parts(
    anyio_backend: str,
) -> None:
    store = Telling()
    watch = await over(store)
    for number in range(60):
        await watch.host(f"host-{number}")
    await watch.sweep.once()
    cluster, weather = await watch.parts.cluster(), watch.parts.context.weather
    store.dark = lambda: weather.dark(cluster.name, cluster.policy, FleetPolicy())
    store.writes.clear()
    await watch.after(100)
    crowd = [(count, why) for count, why in store.writes if count > 1]
    assert [count for count, _ in crowd] == [50, 10]
    assert all("60 of 60" in why for _, why in crowd)


async def test_a_row_that_can_not_be_read_costs_nobody_else_their_judgement(
    anyio_backend: str, tmp_path: Path
) -> None:
    assert anyio_backend
    path = tmp_path / "a.db"
    store = open_sqlite(path)
    try:
        watch = Watch(await bench(store))
        alpha = await watch.host("alpha")
        for name in ("beta", "gamma"):
            await watch.host(name)
        elsewhere = await watch.parts.estate.add_cluster("elsewhere", actor="ann")
        assert elsewhere
        damage(path, "UPDATE host SET added_at = 12.5 WHERE name = 'beta'")
        damage(path, "UPDATE cluster SET created_at = 12.5 WHERE name = 'elsewhere'")
        damage(path, "UPDATE host SET cluster = 'elsewhere', checksum = NULL WHERE name = 'gamma'")
        await watch.after(89)
        await watch.after(1)
        assert (await watch.parts.now(alpha)).health is SUSPECT
        found = await status(watch.parts.context)
        assert found.healths == {SUSPECT: 1, UP: 1}
        assert len(found.unread) == 2
        assert "cluster elsewhere" in found.unread[0]
        assert "can't be read" in found.unread[1]
        shown = {view.host for view in await vms(store, watch.parts.clock.now())}
        assert shown == {"alpha", "gamma"}
        assert await watch.said(EntryKind.DECISION)
        with pytest.raises(Corrupt, match="can't be read"):
            await host_called(store, "beta")
    finally:
        await store.close()


def damage(path: Path, statement: str) -> None:
    """Change a database behind the server's back."""
    with closing(sqlite3.connect(path)) as other:
        other.execute(statement)
        other.commit()
