"""What an operator sees first: what stops automation, who is not up and why, what the VMs are."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.pasts import owned
from tests.servers import Bench, bench, seen, vm
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import PlanId
from vmuster.model.states import HostHealth, HostMode, OperationKind, PowerState, Standing, VmPhase
from vmuster.model.vm import Sighting, VmRecord
from vmuster.server.answers.status import status
from vmuster.server.requests.arming import Arming, ArmingScope
from vmuster.stores.sql.opening import open_sqlite

pytestmark = pytest.mark.anyio


async def test_a_fleet_at_rest_has_nothing_to_tell(parts: Bench) -> None:
    host = await owned(parts)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))), seen(vm(2)))
    parts.context.weather.count([await parts.now(host)])
    found = await status(parts.context)
    assert (found.id, found.key) == (parts.context.fleet.id, parts.context.signer.key)
    assert (found.quarantine, found.disarmed, found.disarmed_hosts) == (None, None, {})
    assert (found.troubled, found.held, found.operations) == ((), (), 0)
    assert (found.healths, found.modes) == ({HostHealth.UP: 1}, {HostMode.MANAGE: 1})
    assert found.standings == {Standing.OWNED: 1, Standing.ALIEN: 1}
    assert (found.unseen, found.missing) == (0, 0)
    (cluster,) = found.clusters
    assert (cluster.name, cluster.hosts, cluster.dark, cluster.quiet_seconds) == (
        "default",
        1,
        "",
        0.0,
    )


async def test_who_of_ours_is_not_as_asked_for_is_counted_and_named(parts: Bench) -> None:
    host = await parts.host()
    await parts.policy(restart="on-crash")
    await parts.adopted(host, vm(1), vm(2))
    await Arming(parts.context, parts.heard).disarm(ArmingScope.FLEET, "", actor="ann", why="storm")
    marked = [seen(vm(n), mark=parts.mark(vm(n)), power=PowerState.CRASHED) for n in (1,)]
    well = seen(vm(2), mark=parts.mark(vm(2)))
    await parts.report(host, *marked, well, seen(vm(3), power=PowerState.CRASHED))
    found = await status(parts.context)
    (astray,) = found.astray
    assert (found.not_as_asked, astray.name, astray.host) == (1, "vm-1", "alpha")
    assert astray.finding == "crashed"
    assert "disarmed" in astray.why


async def test_many_that_are_not_as_asked_for_are_counted_and_few_named(parts: Bench) -> None:
    host = await parts.host()
    ours = [vm(number) for number in range(1, 9)]
    await parts.adopted(host, *ours)
    off = [seen(u, mark=parts.mark(u), power=PowerState.PAUSED) for u in ours]
    await parts.report(host, *off)
    found = await status(parts.context)
    assert (found.not_as_asked, len(found.astray)) == (8, 5)


async def test_a_missing_one_is_named_with_its_host(parts: Bench) -> None:
    host = await owned(parts)
    for _ in range(2):
        await parts.report(host, seen(vm(5)), absent=(vm(1),))
    found = await status(parts.context)
    assert [(each.name, each.host, each.finding) for each in found.astray] == [
        ("vm-1", "alpha", "missing")
    ]
    assert (found.missing, found.not_as_asked) == (1, 0)


async def test_who_is_not_up_is_named_with_the_reason(parts: Bench) -> None:
    for name in ("beta", "alpha"):
        host = await parts.host(name)
        await parts.report(host)
    await parts.change(
        await parts.now(host), health=HostHealth.UNREACHABLE, health_at=7.0, trouble="no route"
    )
    found = await status(parts.context)
    (alpha,) = found.troubled
    assert (alpha.name, alpha.health, alpha.since, alpha.trouble) == (
        "alpha",
        HostHealth.UNREACHABLE,
        7.0,
        "no route",
    )
    assert found.healths == {HostHealth.UP: 1, HostHealth.UNREACHABLE: 1}


@pytest.mark.parametrize(
    "what", [{"trouble": "its list is empty"}, {"claims": vm(70)}, {"health": HostHealth.SUSPECT}]
)
async def test_a_host_in_doubt_is_named(parts: Bench, what: dict[str, object]) -> None:
    host = await parts.host()
    await parts.report(host)
    assert (await status(parts.context)).troubled == ()
    await parts.change(await parts.now(host), **what)
    (named,) = (await status(parts.context)).troubled
    assert named.name == "alpha"


async def test_what_stops_automation_is_told(parts: Bench) -> None:
    hosts = [await parts.host(f"h{number}") for number in range(4)]
    for host in hosts:
        await parts.report(host)
    arming = Arming(parts.context, parts.heard)
    for scope, name in (
        (ArmingScope.FLEET, ""),
        (ArmingScope.CLUSTER, "default"),
        (ArmingScope.HOST, "h1"),
    ):
        await arming.disarm(scope, name, why=scope, actor="ann")
    for host in hosts[:3]:
        await parts.change(await parts.now(host), health=HostHealth.SUSPECT)
    parts.context.weather.count([await parts.now(host) for host in hosts])
    await parts.policy(quiet_seconds=60)
    await parts.report(hosts[3], seen(vm(9), mark=parts.mark(vm(9), 99_000)))
    found = await status(parts.context)
    assert found.quarantine is not None
    assert found.disarmed is not None
    assert found.disarmed.why == "fleet"
    assert {name: said.why for name, said in found.disarmed_hosts.items()} == {"h1": "host"}
    (cluster,) = found.clusters
    assert cluster.disarmed is not None
    assert "breaker" in cluster.dark
    assert cluster.quiet_seconds == 60


async def test_plans_that_wait_and_vms_that_are_not_seen_are_counted(parts: Bench) -> None:
    host = await owned(parts)
    await parts.adopted(host, vm(2))
    await parts.change(await parts.record(vm(2)), phase=VmPhase.MISSING)
    await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, seen(vm(3)))
    beta = await parts.host("beta")
    plans = [
        HeldPlan(
            host=each.id,
            id=PlanId(vm(n)),
            cluster=each.cluster,
            why="",
            acts=(),
            held_at=n,
            state=s,
        )
        for n, (each, s) in enumerate(((host, HoldState.HELD), (beta, HoldState.REJECTED)), 1)
    ]
    rows = tuple(Write(before=None, after=plan) for plan in plans)
    assert await parts.store.commit([Changes(writes=rows)]) == [""]
    found = await status(parts.context)
    assert [plan.host for plan in found.held] == [host.id]
    assert (found.unseen, found.missing, found.operations) == (2, 1, 1)


class Counting:
    """A store that says which kinds were read row by row."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.read: set[type] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def find(self, kind: type[Any], /, **asked: Any) -> Any:
        """As the store, noting the kind."""
        self.read.add(kind)
        return await self._store.find(kind, **asked)


async def test_vms_are_counted_without_reading_them(
    parts: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = await owned(parts)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))), seen(vm(2)))
    expected = await status(parts.context)
    counting = Counting(parts.store)
    monkeypatch.setattr(parts.context, "store", counting)
    found = await status(parts.context)
    assert found == expected
    assert found.standings == {Standing.OWNED: 1, Standing.ALIEN: 1}
    assert Host in counting.read
    assert not counting.read & {Sighting, VmRecord}


async def test_a_standing_that_is_none_is_left_out(anyio_backend: str, tmp_path: Path) -> None:
    assert anyio_backend
    store = open_sqlite(tmp_path / "a.db")
    parts = await bench(store)
    host = await owned(parts)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))), seen(vm(2)))
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("UPDATE sighting SET standing = 'friend' WHERE standing = 'alien'")
        database.commit()
    assert (await status(parts.context)).standings == {Standing.OWNED: 1}
    await store.close()
