"""Hosts and clusters: what may be added and set, and that every change is audited."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import pytest

from tests.pasts import of_another_fleet, release
from tests.servers import Bench, bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.host import Cluster, Fleet, Host, LocalProfile, LoopbackProfile, grant_bytes
from vmuster.model.ids import ClusterName
from vmuster.model.journal import EntryKind
from vmuster.model.policy import Policy
from vmuster.model.states import HostHealth, HostMode, OperationState, UnknownVms
from vmuster.server.requests.estate import Estate
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def add(parts: Bench, name: str) -> Host:
    return await parts.estate.add_host(
        name=name, profile=LocalProfile(), cluster=await parts.cluster(), actor="ann"
    )


async def test_a_new_host_is_only_observed(parts: Bench) -> None:
    host = await parts.store.get(Host, (await add(parts, "alpha")).id)
    assert host is not None
    assert (host.mode, host.health, host.epoch) == (HostMode.OBSERVE, HostHealth.SUSPECT, 0)
    entry = (await parts.journal())[-1]
    assert (entry.kind, entry.actor, entry.host) == (EntryKind.AUDIT, "ann", host.id)


@pytest.mark.parametrize(
    "name", ["", "-rf", "a b", "a/b", "ä", "a\n", "a" * 64, ".hidden", "h٧", "$(id)"]
)
async def test_a_name_that_could_do_harm_is_refused(parts: Bench, name: str) -> None:
    with pytest.raises(Refused, match="no name for a host"):
        await add(parts, name)
    with pytest.raises(Refused, match="no name for a cluster"):
        await parts.estate.add_cluster(name, actor="ann")


@pytest.mark.parametrize("name", ["a", "Rack-1.dc_2", "a" * 63, "7"])
async def test_a_plain_name_is_taken_once(parts: Bench, name: str) -> None:
    await add(parts, name)
    with pytest.raises(Refused):
        await add(parts, name)
    assert len(await parts.store.find(Host)) == 1


async def test_loopback_hosts_are_for_demos(parts: Bench) -> None:
    cluster, profile = await parts.cluster(), LoopbackProfile(port=16509)
    with pytest.raises(Refused) as refusal:
        await parts.estate.add_host(name="a", profile=profile, cluster=cluster, actor="ann")
    assert "--allow-loopback-hosts" in refusal.value.hint
    assert await parts.store.find(Host) == []
    allowed = Estate(parts.context, parts.heard, loopback_hosts=True)
    host = await allowed.add_host(name="a", profile=profile, cluster=cluster, actor="ann")
    assert host.profile == profile


async def test_a_mode_is_set_audited_and_told_to_the_agent(parts: Bench) -> None:
    host = await parts.host(mode=HostMode.OBSERVE)
    await parts.estate.set_mode(host, HostMode.MANAGE, actor="ann")
    assert (await parts.now(host)).mode is HostMode.MANAGE
    assert parts.heard.settings[-1] == host.id
    assert "observe → manage" in (await parts.journal())[-1].what


async def test_a_mode_is_set_although_a_report_was_written_in_between(parts: Bench) -> None:
    host = await parts.host(mode=HostMode.OBSERVE)
    await parts.report(host)
    await parts.estate.set_mode(host, HostMode.MANAGE, actor="ann")
    now = await parts.now(host)
    assert (now.mode, now.sequence) == (HostMode.MANAGE, 1)


async def test_a_mode_of_a_host_that_is_gone_is_refused(parts: Bench) -> None:
    host = await parts.host()
    await parts.store.commit([Changes(writes=(Write(before=host, after=None),))])
    with pytest.raises(Refused):
        await parts.estate.set_mode(host, HostMode.OBSERVE, actor="ann")


async def test_a_new_cluster_has_the_policy_that_harms_nothing(parts: Bench) -> None:
    await parts.estate.add_cluster("west", actor="ann")
    west = await parts.store.get(Cluster, ClusterName("west"))
    assert west is not None
    assert (west.policy, west.grant) == (Policy(), None)
    with pytest.raises(Refused):
        await parts.estate.add_cluster("west", actor="ann")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"unknown_vm": "leave"},
        {"unknown_vms": "stop-everything"},
        {"seen_before_stop": "two"},
        {"seen_before_stop": 0},
        {"stops_per_pass_max": -1},
        {"report_seconds": 0},
        {"quiet_seconds": "nan"},
        {"quiet_seconds": "inf"},
        {"drift": "enforce", "quiet_seconds": None},
    ],
)
async def test_a_policy_that_makes_no_sense_is_refused_whole(
    parts: Bench, settings: dict[str, object]
) -> None:
    before = await parts.cluster(), await parts.journal()
    with pytest.raises(Refused):
        await parts.policy(**settings)
    assert (await parts.cluster(), await parts.journal()) == before


async def test_settings_come_as_values_or_as_words(parts: Bench) -> None:
    await parts.policy(seen_before_stop="4", track_host_change="false", quiet_seconds="1.5")
    policy = (await parts.cluster()).policy
    assert policy.seen_before_stop == 4
    assert policy.track_host_change is False
    assert policy.quiet_seconds == 1.5


async def test_a_policy_is_audited_and_told_to_the_agents_of_its_cluster(parts: Bench) -> None:
    host = await parts.host()
    west = await parts.estate.add_cluster("west", actor="ann")
    await parts.estate.add_host(name="far", profile=LocalProfile(), cluster=west, actor="ann")
    await parts.policy(drift="enforce", report_seconds=9)
    assert parts.heard.settings == [host.id]
    entry = (await parts.journal())[-1]
    assert entry.cluster == "default"
    assert "drift=enforce, report_seconds=9" in entry.what


async def test_the_highest_rung_is_a_signed_leave_of_a_person(parts: Bench) -> None:
    await parts.policy(unknown_vms="stop-by-name")
    grant = (await parts.cluster()).grant
    assert grant is not None
    assert (grant.granted_by, grant.cluster, grant.instance) == ("ann", "default", "VM")
    assert (grant.fleet, grant.granted_at) == (parts.context.fleet.id, parts.clock.now())
    unsigned = msgspec.structs.replace(grant, signature=b"")
    assert grant == parts.context.signer.grant(unsigned)
    assert grant_bytes(grant)


async def test_a_leave_stays_one_while_the_rung_stands_and_is_withdrawn_with_it(
    parts: Bench,
) -> None:
    await parts.policy(unknown_vms="stop-by-name")
    first = (await parts.cluster()).grant
    await parts.policy(seen_before_stop=3)
    assert (await parts.cluster()).grant == first
    for rung in (UnknownVms.STOP_BY_MARK, UnknownVms.LEAVE):
        await parts.policy(unknown_vms=rung)
        assert (await parts.cluster()).grant is None
    await parts.policy(unknown_vms="stop-by-name")
    again = (await parts.cluster()).grant
    assert again is not None
    assert first is not None
    assert again.id != first.id, "a new leave, which revives no old order"


class Racing(MemoryStore):
    """A store where somebody writes the cluster just before: its policy, or nothing new."""

    meddling = False
    report_seconds = 7.0

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if self.meddling:
            self.meddling = False
            cluster = await self.get(Cluster, ClusterName("default"))
            assert cluster is not None
            policy = msgspec.structs.replace(cluster.policy, report_seconds=self.report_seconds)
            after = msgspec.structs.replace(cluster, policy=policy)
            await super().commit([Changes(writes=(Write(before=cluster, after=after),))])
        return await super().commit(changes)


async def test_of_two_who_set_a_policy_at_once_one_is_refused(anyio_backend: str) -> None:
    store = Racing()
    parts = await bench(store)
    store.meddling = True
    with pytest.raises(Refused, match="same moment"):
        await parts.policy(drift="enforce")


async def test_a_policy_is_set_although_a_pass_counted_its_acts_at_that_moment(
    anyio_backend: str,
) -> None:
    store = Racing()
    parts = await bench(store)
    store.meddling, store.report_seconds = True, (await parts.cluster()).policy.report_seconds
    after = await parts.policy(drift="enforce")
    assert (after.policy.drift, after.policy.report_seconds) == ("enforce", store.report_seconds)


class Releasing(MemoryStore):
    """A store where a VM is asked to be released just before a policy is written."""

    first: Callable[[], Awaitable[object]] | None = None

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        writes = [write for each in changes for write in each.writes]
        first = self.first
        if first is not None and any(
            isinstance(write.after, Cluster) and write.after.grant is not None for write in writes
        ):
            self.first = None
            await first()
        return await super().commit(changes)


async def named_by_us(parts: Bench, name: str = "i-2-3-VM") -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), name))
    await parts.adopt(vm(1))
    await parts.report(host, seen(vm(1), name, mark=parts.mark(vm(1))))


async def test_what_is_being_let_go_is_not_given_over_to_its_name(parts: Bench) -> None:
    await named_by_us(parts)
    asked = await release(parts)
    with pytest.raises(Refused, match="i-2-3-VM is being let go by ann") as refusal:
        await parts.policy(unknown_vms="stop-by-name")
    assert str(asked.id) in refusal.value.hint
    assert (await parts.cluster()).grant is None
    await parts.policy(unknown_vms="stop-by-mark")
    await parts.change(await parts.operation(asked), state=OperationState.DONE)
    assert (await parts.policy(unknown_vms="stop-by-name")).grant is not None


async def test_a_name_that_nobody_stops_by_is_let_go_meanwhile(parts: Bench) -> None:
    await named_by_us(parts, "web")
    await release(parts)
    assert (await parts.policy(unknown_vms="stop-by-name")).grant is not None


async def test_who_asks_for_a_release_at_that_moment_is_heard(anyio_backend: str) -> None:
    store = Releasing()
    parts = await bench(store)
    await named_by_us(parts)
    store.first = lambda: release(parts)
    with pytest.raises(Refused, match="being let go"):
        await parts.policy(unknown_vms="stop-by-name")
    assert (await parts.cluster()).grant is None


@pytest.mark.parametrize("mode", [HostMode.CORDONED, HostMode.MAINTENANCE, HostMode.MANAGE])
async def test_a_host_on_which_another_fleet_marks_vms_is_shared_knowingly(
    parts: Bench, mode: HostMode
) -> None:
    host = await parts.host(mode=HostMode.OBSERVE)
    await parts.report(host, seen(vm(1), mark=of_another_fleet(parts)))
    if mode is HostMode.MANAGE:
        with pytest.raises(Refused, match="another fleet") as refusal:
            await parts.estate.set_mode(await parts.now(host), mode, actor="ann")
        assert "--shared" in refusal.value.hint
        assert (await parts.now(host)).mode is HostMode.OBSERVE
    shared = mode is HostMode.MANAGE
    after = await parts.estate.set_mode(await parts.now(host), mode, shared=shared, actor="ann")
    assert after.mode is mode
    again = await parts.estate.set_mode(after, mode, actor="ann")
    assert again == after, "what is so already is not asked about"


async def test_a_policy_of_the_fleet_is_set_audited_and_followed_at_once(parts: Bench) -> None:
    fleet = await parts.estate.set_fleet_policy({"stops_per_window_max": "3"}, actor="ann")
    assert fleet.policy.stops_per_window_max == 3
    assert parts.context.fleet == fleet == await parts.store.get(Fleet)
    entry = (await parts.journal())[-1]
    assert (entry.actor, entry.what) == ("ann", "fleet: stops_per_window_max=3")
    before = await parts.journal()
    wrongs: list[dict[str, object]] = [{}, {"unknown_vms": "leave"}, {"dark_percent_max": 0}]
    for wrong in wrongs:
        with pytest.raises(Refused):
            await parts.estate.set_fleet_policy(wrong, actor="ann")
    assert (parts.context.fleet, await parts.journal()) == (fleet, before)


async def test_every_host_of_a_cluster_is_told_of_its_policy(parts: Bench) -> None:
    cluster = await parts.cluster()
    for number in range(1_010):
        await parts.estate.add_host(
            name=f"h{number}", profile=LocalProfile(), cluster=cluster, actor="ann"
        )
    parts.heard.settings.clear()
    await parts.policy(report_seconds=7)
    assert len(set(parts.heard.settings)) == 1_010
