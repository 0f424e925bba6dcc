"""What people call things leads to one thing, or is refused in words."""

import pytest

from tests.forms import forms, lookalikes
from tests.servers import Bench, seen, vm
from vmuster.model.errors import NotFound, Refused
from vmuster.model.ids import ClusterName, HostId
from vmuster.server.references import (
    cluster_called,
    cluster_now,
    host_called,
    host_now,
    uuid_in,
    vm_called,
)

pytestmark = pytest.mark.anyio


async def test_a_host_is_called_by_its_name_or_its_id(parts: Bench) -> None:
    host = await parts.host("alpha")
    assert (await host_called(parts.store, "alpha")).id == host.id
    assert (await host_called(parts.store, host.id)).id == host.id
    with pytest.raises(NotFound, match="beta"):
        await host_called(parts.store, "beta")


async def test_a_cluster_is_called_by_its_name(parts: Bench) -> None:
    assert (await cluster_called(parts.store, "default")).name == "default"
    with pytest.raises(NotFound):
        await cluster_called(parts.store, "Default")


async def test_a_vm_is_called_by_any_form_of_its_uuid(parts: Bench) -> None:
    await parts.report(await parts.host(), seen(vm(0xABC), "web"))
    uuid = str(vm(0xABC))
    for form in (uuid, uuid.upper(), "{" + uuid + "}", uuid.replace("-", ""), f"urn:uuid:{uuid}"):
        assert await vm_called(parts.store, form) == vm(0xABC)
    with pytest.raises(NotFound):
        await vm_called(parts.store, str(vm(0xABD)))


def test_what_only_looks_like_a_uuid_is_none() -> None:
    uuid = vm(0x0123_4567_8901_4ABC_8DEF_0123_4567_8901)
    assert {uuid_in(text) for text in forms(uuid)} == {uuid}
    assert {uuid_in(text) for text in lookalikes(uuid)} == {None}


async def test_a_vm_is_called_by_its_records_name_and_by_its_name_on_its_host(
    parts: Bench,
) -> None:
    await parts.report(await parts.host(), seen(vm(1), "web"))
    await parts.requests.adopt(vm(1), actor="ann", name="shop")
    assert await vm_called(parts.store, "shop") == vm(1)
    assert await vm_called(parts.store, "web") == vm(1)


async def test_a_name_of_one_record_and_of_another_vm_on_a_host_is_refused(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), "web"), seen(vm(2), "shop"))
    await parts.requests.adopt(vm(1), actor="ann", name="shop")
    for on in (None, host.id):
        with pytest.raises(Refused) as refusal:
            await vm_called(parts.store, "shop", on)
        assert refusal.value.message == (
            f"2 VMs are called shop: {vm(1)} (recorded as ours, which its host calls web);"
            f" {vm(2)} (alien on host alpha)"
        )


async def test_of_many_namesakes_the_first_are_named(parts: Bench) -> None:
    await parts.report(await parts.host(), *(seen(vm(number), "web") for number in range(1, 30)))
    with pytest.raises(Refused, match="29 VMs") as refusal:
        await vm_called(parts.store, "web")
    assert refusal.value.message.count("alien") == 5


async def test_a_name_that_two_vms_bear_is_refused_with_their_uuids(parts: Bench) -> None:
    for number, name in enumerate(("alpha", "beta"), 1):
        await parts.report(await parts.host(name), seen(vm(number), "web"))
    with pytest.raises(Refused) as refusal:
        await vm_called(parts.store, "web")
    assert f"{vm(1)} (alien on host alpha)" in refusal.value.message
    assert f"{vm(2)} (alien on host beta)" in refusal.value.message


async def test_one_vm_seen_on_two_hosts_is_still_one(parts: Bench) -> None:
    for name in ("alpha", "beta"):
        await parts.report(await parts.host(name), seen(vm(1), "web"))
    assert await vm_called(parts.store, "web") == vm(1)


async def test_what_is_shown_back_is_made_visible(parts: Bench) -> None:
    for called in (vm_called, host_called, cluster_called):
        with pytest.raises(NotFound) as refusal:
            await called(parts.store, "\x1b[2J")
        assert "\x1b" not in refusal.value.message


async def test_what_is_gone_since_is_said_to_be_gone(parts: Bench) -> None:
    host = await parts.host()
    assert (await host_now(parts.store, host.id)).id == host.id
    assert (await cluster_now(parts.store, host.cluster)).name == host.cluster
    with pytest.raises(NotFound, match="no host h-gone any more"):
        await host_now(parts.store, HostId("h-gone"))
    with pytest.raises(NotFound, match="no cluster gone any more"):
        await cluster_now(parts.store, ClusterName("gone"))


async def test_of_two_namesakes_the_host_says_which(parts: Bench) -> None:
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.report(alpha, seen(vm(1), "web"))
    await parts.report(beta, seen(vm(2), "web"))
    with pytest.raises(Refused) as caught:
        await vm_called(parts.store, "web")
    assert "--host" in caught.value.hint
    assert await vm_called(parts.store, "web", alpha.id) == vm(1)
    assert await vm_called(parts.store, "web", beta.id) == vm(2)
    with pytest.raises(NotFound):
        await vm_called(parts.store, "web", HostId("h-none"))


async def test_a_record_elsewhere_does_not_hide_a_namesake_on_the_host(parts: Bench) -> None:
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.adopted(alpha, vm(1))
    name = (await parts.record(vm(1))).name
    await parts.report(beta, seen(vm(2), name))
    with pytest.raises(Refused, match=r"owned on host alpha.*alien on host beta"):
        await vm_called(parts.store, name)
    assert await vm_called(parts.store, name, alpha.id) == vm(1)
    assert await vm_called(parts.store, name, beta.id) == vm(2)
