"""Plans of one transaction: each finds spent what those before it spend, and rests on them."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.loaded import load_host
from tests.servers import RUNNING, STOPPED, Bench, bench, seen, vm
from vmuster.model.automation import Spent
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import Command, StartVm, StopVm
from vmuster.model.host import Host
from vmuster.model.ids import ClusterName
from vmuster.model.mark import write_mark
from vmuster.model.plan import Decision, LookWish, Plan
from vmuster.model.report import HostReport
from vmuster.model.states import (
    Completeness,
    DesiredState,
    Finding,
    OperationKind,
    PowerState,
    VmPhase,
)
from vmuster.ports.store import HostAsked, HostRows, Store
from vmuster.server.passes.intake import take_in_all
from vmuster.server.passes.scope import Judged
from vmuster.server.passes.standing import Standing
from vmuster.server.passes.turns import Turns
from vmuster.server.relayed import RelayedStore
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite

pytestmark = pytest.mark.anyio
_AWAY = {STOPPED: DesiredState.RUNNING, RUNNING: DesiredState.STOPPED}
_HASTY: dict[str, object] = {"drift": "enforce", "quiet_seconds": 0, "steady_seconds": 0}
_BY_MARK: dict[str, object] = {"unknown_vms": "stop-by-mark", "seen_before_stop": 1}
_PHASES = {STOPPED: VmPhase.STOPPED, RUNNING: VmPhase.RUNNING}


class Meddled(RelayedStore):
    """A store where, once, somebody writes a host between a transaction's reading and writing."""

    meddled: Host | None = None

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        loaded = await super().load_hosts(asked, since)
        host, self.meddled = self.meddled, None
        if host is not None:
            after = msgspec.structs.replace(host, trouble="somebody was here")
            assert await self.commit([Changes(writes=(Write(before=host, after=after),))]) == [""]
        return loaded


class Desk:
    """Hosts of one server, each with a VM of ours that is not as it is wished to be."""

    def __init__(self, store: Meddled, parts: Bench) -> None:
        self.store, self.parts = store, parts
        self.hosts: list[Host] = []
        self.power = RUNNING

    async def drifted(self, *names: str, power: PowerState = RUNNING) -> None:
        parts, self.power = self.parts, power
        for number, name in enumerate(names, 1):
            host = await parts.host(name)
            await parts.adopted(host, vm(number), power=power)
            phase, desired = _PHASES[power], _AWAY[power]
            record = await parts.record(vm(number))
            await parts.change(record, desired=desired, phase=phase, power=power)
            self.hosts.append(host)

    async def said(self, *numbers: int) -> list[str]:
        """Have these hosts say, in one transaction, how their VMs are."""
        many, parts = [await self._judged(number) for number in numbers], self.parts
        async with Turns().turn() as turn:
            return await take_in_all(parts.context, parts.heard, many, turn)

    async def _judged(self, number: int) -> Judged:
        now, parts = await self.parts.now(self.hosts[number - 1]), self.parts
        report = HostReport(
            host=now.id,
            epoch=now.epoch,
            sequence=now.sequence + 1,
            boot_id="boot-1",
            completeness=Completeness.COMPLETE,
            vms=(seen(vm(number), power=self.power, mark=parts.mark(vm(number))),),
            asked_after=parts.context.intakes.last,
        )
        return Judged(report=report, begun=parts.context.accounts.begin(now.id))

    async def acts(self) -> list[int]:
        """The VMs to which automatic commands were sent."""
        sent = [row for n in range(1, len(self.hosts) + 1) for row in await self.parts.sent(vm(n))]
        return [row.vm.int for row in sent if row.command.automatic]

    async def holds(self) -> list[str]:
        """Why the plans of hosts are held."""
        rows = await self.parts.store.load_hosts([HostAsked(host=h.id) for h in self.hosts], 0.0)
        return [found.hold.why if found and found.hold else "" for found in rows]


@pytest.fixture(params=["memory", "sqlite"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Desk]:
    kept: Store = MemoryStore() if request.param == "memory" else open_sqlite(tmp_path / "db")
    store = Meddled(kept)
    parts = await bench(store)
    await parts.policy(drift="enforce")
    yield Desk(store, parts)
    await store.close()


@pytest.mark.parametrize(
    ("power", "setting"),
    [
        (RUNNING, "cluster_stops_per_window_max"),
        (STOPPED, "cluster_starts_per_window_max"),
    ],
)
async def test_two_plans_of_one_transaction_spend_one_budget(
    desk: Desk, power: PowerState, setting: str
) -> None:
    await desk.parts.policy(**{setting: 2})
    await desk.drifted("alpha", "beta", "gamma", power=power)
    assert await desk.said(3, 1, 2) == ["", "", ""]
    assert await desk.acts() == [1, 3]
    kind = StopVm if power is RUNNING else StartVm
    assert {type(row.command) for row in await desk.parts.sent(vm(1)) if row.command.automatic} == {
        kind
    }
    first, second, third = await desk.holds()
    assert (first, third) == ("", "")
    assert "3 automatic" in second
    assert "at most 2 are allowed" in second


async def test_the_budget_of_the_fleet_is_spent_from_every_cluster(desk: Desk) -> None:
    parts = desk.parts
    await parts.estate.set_fleet_policy({"stops_per_window_max": 1}, actor="ann")
    await desk.drifted("alpha", "beta")
    made = await parts.estate.add_cluster("other", actor="ann")
    await parts.estate.set_policy(made, _HASTY, actor="ann")
    await parts.change(await parts.now(desk.hosts[1]), cluster=made.name)
    assert await desk.said(1, 2) == ["", ""]
    assert await desk.acts() == [1]
    assert "2 automatic stops in the fleet" in (await desk.holds())[1]


async def test_where_the_first_is_refused_nothing_rests_on_what_it_left(desk: Desk) -> None:
    await desk.drifted("alpha", "beta", "gamma")
    await desk.parts.change(await desk.parts.record(vm(3)), desired=DesiredState.RUNNING)
    desk.parts.heard.asked.clear()
    desk.store.meddled = await desk.parts.now(desk.hosts[0])
    first, second, third = await desk.said(1, 2, 3)
    assert first.startswith("stale: host")
    assert second.startswith("stale: ")
    assert third == "", "nothing of it is automatic, and it rests on none"
    assert await desk.acts() == []
    asked = desk.parts.heard.asked
    assert [wish for wish in asked if not wish.vms] == [
        LookWish(host=host.id) for host in desk.hosts[:2]
    ]
    assert await desk.said(2, 1) == ["", ""]
    assert await desk.acts() == [1, 2]


async def test_where_a_later_one_is_refused_those_before_it_stand(desk: Desk) -> None:
    await desk.drifted("alpha", "beta", "gamma")
    desk.store.meddled = await desk.parts.now(desk.hosts[1])
    first, second, third = await desk.said(1, 2, 3)
    assert first == ""
    assert second.startswith("stale: host")
    assert third.startswith("stale: "), "it went by what the second leaves"
    assert await desk.acts() == [1]


async def test_what_a_person_asked_for_spends_no_budget_of_another(desk: Desk) -> None:
    await desk.parts.policy(cluster_stops_per_window_max=1)
    await desk.drifted("alpha", "beta")
    record = await desk.parts.record(vm(1))
    await desk.parts.change(record, desired=DesiredState.RUNNING)
    await desk.said(1)
    await desk.parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    assert await desk.said(1, 2) == ["", ""]
    assert await desk.acts() == [2]
    assert [type(row.command) for row in await desk.parts.sent(vm(1))][-1] is StopVm


async def test_a_quarantine_that_one_calls_for_binds_those_after_it(desk: Desk) -> None:
    await desk.drifted("alpha", "beta")
    context = desk.parts.context
    future = context.intakes.last + 1_000_000
    desk.parts.generations[vm(1)] = future
    signed = context.signer.mark(context.fleet.id, vm(1), future)
    assert desk.parts.mark(vm(1)) == write_mark(signed)
    assert await desk.said(1, 2) == ["", ""]
    assert context.fleet.quarantine is not None
    assert await desk.acts() == []


@pytest.mark.parametrize(("where", "acts"), [("default", []), ("other", [2])])
async def test_an_orphan_that_one_shows_holds_the_stops_of_its_cluster_in_those_after_it(
    desk: Desk, where: str, acts: list[int]
) -> None:
    """L9: at once, and not from the next transaction on."""
    parts = desk.parts
    await desk.drifted("alpha", "beta")
    made = await parts.estate.add_cluster("other", actor="ann")
    await parts.estate.set_policy(made, {**_HASTY, **_BY_MARK}, actor="ann")
    await parts.policy(**_BY_MARK)
    buried = {"removed_at": 1.0, "desired": DesiredState.ABSENT, "phase": VmPhase.DELETED}
    await parts.change(await parts.record(vm(2)), **buried)
    lost = Write(before=await parts.record(vm(1)), after=None)
    assert await parts.store.commit([Changes(writes=(lost,))]) == [""]
    await parts.change(await parts.now(desk.hosts[0]), cluster=ClusterName(where))
    assert await desk.said(1, 2) == ["", ""]
    assert await desk.acts() == acts


async def test_before_any_plan_rows_are_as_they_were_read(desk: Desk) -> None:
    await desk.drifted("alpha")
    rows = await load_host(desk.parts.store, desk.hosts[0].id)
    assert rows is not None
    standing = Standing()
    assert standing.rows(rows) is rows
    standing.follow(Plan(host=rows.host), Changes())
    assert standing.rows(rows) is rows


async def test_what_a_host_spends_is_not_spent_of_another_hosts(desk: Desk) -> None:
    await desk.drifted("alpha", "beta")
    read = await load_host(desk.parts.store, desk.hosts[1].id)
    assert read is not None
    standing, before = Standing(), await load_host(desk.parts.store, desk.hosts[0].id)
    assert before is not None
    await desk.said(1)
    (sent,) = [row.command for row in await desk.parts.sent(vm(1)) if row.command.automatic]
    writes = (
        Write(before=before.fleet, after=before.fleet),
        Write(before=before.cluster, after=before.cluster),
    )
    standing.follow(_plan(before.host, sent), Changes(writes=writes))
    after = standing.rows(read)
    assert after.spent == Spent(cluster_stops=1, fleet_stops=1)
    assert after.fleet.version == read.fleet.version + 1
    assert after.cluster.version == read.cluster.version + 1
    elsewhere = msgspec.structs.replace(read.cluster, name=ClusterName("other"))
    apart = standing.rows(msgspec.structs.replace(read, cluster=elsewhere))
    assert (apart.spent, apart.cluster) == (Spent(fleet_stops=1), elsewhere)


def _plan(host: Host, command: Command) -> Plan:
    decision = Decision(
        uuid=command.vm,
        name=command.name,
        standing=None,
        finding=Finding.IN_SYNC,
        rule="r",
        why="w",
        command=command,
    )
    return Plan(host=host, decisions=(decision,))
