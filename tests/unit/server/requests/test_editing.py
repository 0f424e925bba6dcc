"""A host is edited: its name, its mode, its way; and who it is stays as it was."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.pasts import owned
from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.errors import NotFound, Refused, VmusterError
from vmuster.model.host import Host, LocalProfile, LoopbackProfile, Profile, SshProfile, TlsProfile
from vmuster.model.ids import HostId, HostUuid
from vmuster.model.journal import EntryKind
from vmuster.model.states import HostMode
from vmuster.reconcile import identity
from vmuster.server.requests.editing import HostEdit, edited, hypervisor, told

pytestmark = pytest.mark.anyio
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIlrWWgCNLxOoyRfKMOJrUMg+uJ1Oj0Qjvd5Qh+BoC0Z"
FAR = SshProfile(address="a.example", host_key=KEY)
JUNK = HostUuid(UUID(int=0))


async def edit(parts: Bench, host: Host, **changes: Any) -> Host:
    return await parts.estate.edit_host(host, HostEdit(**changes), actor="ann")


async def test_a_name_a_mode_and_a_way_are_changed_together(parts: Bench) -> None:
    host = await parts.host()
    after = await edit(parts, host, name="north", mode=HostMode.CORDONED, profile=FAR)
    assert after == await parts.now(host)
    kept = replace(after, name=host.name, mode=host.mode, profile=host.profile, version=1)
    assert kept == replace(host, version=1)
    assert parts.heard.introduced == [host.id]
    entry = (await parts.journal())[-1]
    assert (entry.kind, entry.actor, entry.host) == (EntryKind.AUDIT, "ann", host.id)
    assert "name alpha → north; manage → cordoned; reached by local (system) → ssh" in entry.what
    assert entry.evidence["before"] == {
        "name": "alpha",
        "mode": "manage",
        "profile": {"kind": "local", "scope": "system"},
    }
    assert isinstance(entry.evidence["after"], dict)
    assert entry.evidence["after"]["profile"]["address"] == "a.example"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "beta"},
        {"name": "a b"},
        {"profile": SshProfile(address="-x", host_key=KEY)},
        {"profile": SshProfile(address="a.example", host_key="none")},
        {"profile": LoopbackProfile(port=16509)},
    ],
    ids=str,
)
async def test_what_can_t_be_is_refused_and_nothing_changes(
    parts: Bench, change: dict[str, object]
) -> None:
    await parts.host("beta")
    host = await parts.host()
    journal = await parts.journal()
    with pytest.raises(Refused):
        await edit(parts, host, **({"mode": HostMode.OBSERVE} | change))
    assert (await parts.now(host), await parts.journal()) == (host, journal)
    assert parts.heard.introduced == []


async def test_what_changes_nothing_is_not_written_and_begins_nothing_anew(parts: Bench) -> None:
    host = await parts.host()
    journal = await parts.journal()
    assert await edit(parts, host, name="alpha", profile=LocalProfile()) == host
    assert (await parts.journal(), parts.heard.introduced) == (journal, [])


async def test_a_host_that_is_gone_is_not_found(parts: Bench) -> None:
    host = await parts.host()
    with pytest.raises(NotFound):
        await edit(parts, replace(host, id=HostId("h-none")), name="beta")


async def test_its_vms_and_their_records_stay(parts: Bench) -> None:
    host = await owned(parts)
    before = await parts.record(vm(1)), await parts.sighting(host, vm(1))
    await edit(parts, await parts.now(host), profile=FAR)
    assert (await parts.record(vm(1)), await parts.sighting(host, vm(1))) == before


async def test_one_with_an_open_operation_is_edited_all_the_same(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host)
    from tests.pasts import power

    await parts.adopted(host, vm(1))
    asked = await power(parts)
    await edit(parts, await parts.now(host), profile=FAR)
    assert (await parts.operation(asked)).open


async def test_another_hypervisor_of_the_machine_hides_no_vm_of_ours(parts: Bench) -> None:
    host = await owned(parts)
    for other in (LocalProfile(scope="session"), replace(FAR, scope="session")):
        with pytest.raises(Refused, match="another hypervisor") as refusal:
            await edit(parts, await parts.now(host), profile=other)
        assert "vm-1" in refusal.value.message
    await parts.change(await parts.record(vm(1)), removed_at=5.0)
    await parts.report(await parts.now(host), seen(vm(2)))
    with pytest.raises(Refused, match="or may be"):  # it was lost, and nobody saw it end
        await edit(parts, await parts.now(host), profile=LocalProfile(scope="session"))


async def test_nor_a_copy_of_one_that_is_recorded_elsewhere(parts: Bench) -> None:
    home, away = await owned(parts), await parts.host("beta")
    copy = seen(vm(1), power=STOPPED, mark=parts.mark(vm(1)))
    await parts.report(away, copy, seen(vm(2)))
    assert (await parts.record(vm(1))).host == home.id
    with pytest.raises(Refused, match="or may be, such as vm-1"):
        await edit(parts, await parts.now(away), profile=LocalProfile(scope="session"))


async def test_one_where_nothing_of_ours_is_becomes_another_and_is_observed(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)), seen(vm(2), "i-2-78-VM"))
    session = LocalProfile(scope="session")
    after = await edit(parts, await parts.now(host), profile=session)
    assert (after.mode, after.profile) == (HostMode.OBSERVE, session)
    assert "manage → observe" in (await parts.journal())[-1].what
    back = await edit(parts, after, profile=LocalProfile(), mode=HostMode.CORDONED)
    assert back.mode is HostMode.CORDONED


async def test_a_name_is_not_taken_for_the_id_of_another_host(parts: Bench) -> None:
    host, other = await parts.host(), await parts.host("beta")
    with pytest.raises(Refused, match="no name for a host"):
        await edit(parts, host, name=other.id)


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"credential": "other"}, True),
        ({"host_key": "other"}, True),
        ({"address": "b.example"}, False),
        ({"port": 23}, False),
        ({"user": "ops"}, False),
    ],
)
def test_an_acceptance_ends_with_the_place_that_it_was_of(
    change: dict[str, object], kept: bool
) -> None:
    from tests.parts import host

    accepted = replace(host(), profile=FAR, accepted=JUNK, claims=JUNK)
    after = edited(accepted, HostEdit(profile=replace(FAR, **change)))
    assert (after.accepted == JUNK) is kept
    assert after.claims is None
    assert bool(identity.refused(replace(after, uuid=None), JUNK)) is not kept


def test_another_machine_at_the_new_address_is_refused() -> None:
    from tests.parts import host

    known = replace(host(), profile=FAR, uuid=HostUuid(UUID(int=5)))
    after = edited(known, HostEdit(profile=replace(FAR, address="b.example")))
    assert identity.refused(after, HostUuid(UUID(int=6)))
    assert not identity.refused(after, HostUuid(UUID(int=5)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (LocalProfile(), FAR, True),
        (LocalProfile(), TlsProfile(address="a.example"), True),
        (FAR, replace(FAR, user="ops"), True),
        (LocalProfile(), LocalProfile(scope="session"), False),
        (replace(FAR, scope="session"), replace(FAR, scope="session", user="ops"), False),
        (LoopbackProfile(port=1), LoopbackProfile(port=2), False),
        (LocalProfile(scope="session"), LoopbackProfile(port=2), False),
    ],
)
def test_which_hypervisor_of_a_machine_is_meant(one: Profile, other: Profile, same: bool) -> None:
    assert (hypervisor(one) == hypervisor(other)) is same


def test_no_secret_is_said() -> None:
    from tests.parts import host

    said = told(host(), HostEdit(profile=replace(FAR, credential="fleet-ssh")))
    assert said.endswith("→ ssh root@a.example:22 (system, credential fleet-ssh)")


async def test_one_that_was_read_otherwise_is_not_edited(parts: Bench) -> None:
    host = await parts.host()
    journal = await parts.journal()
    asked: list[int] = []

    def stale(row: object) -> None:
        assert isinstance(row, Host)
        asked.append(row.version)
        raise VmusterError("stale")

    with pytest.raises(VmusterError, match="stale"):
        await parts.estate.edit_host(host, HostEdit(name="north"), actor="ann", expected=stale)
    assert asked == [host.version]
    assert (await parts.now(host), await parts.journal()) == (host, journal)
