"""A look becomes a report, and what could not be told is said to be so."""

from collections.abc import Collection

import pytest

from tests.parts import HOST, VM
from tests.posts import SECOND, Post
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.model.ids import VmUuid
from vmuster.model.states import Completeness
from vmuster.ports.driver import DriverError, Listing

pytestmark = pytest.mark.anyio


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_whole_look_is_a_complete_report(post: Post) -> None:
    observer = await post.open()
    report = await observer.observe()
    assert (report.host, report.epoch, report.sequence, report.boot_id) == (HOST, 3, 1, "boot-1")
    assert report.completeness is Completeness.COMPLETE
    assert [vm.uuid for vm in report.vms] == sorted((VM, SECOND)), "in the order of their uuids"
    assert (await observer.observe()).sequence == 2


async def test_a_look_at_some_is_a_partial_report(post: Post) -> None:
    observer = await post.open()
    report = await observer.observe_some([VM])
    assert report.completeness is Completeness.PARTIAL
    assert [vm.uuid for vm in report.vms] == [VM]
    assert report.absent == ()


async def test_sequences_begin_anew_with_each_epoch(post: Post) -> None:
    observer = await post.open()
    await observer.observe()
    observer.connected(4, 50, ())
    report = await observer.observe()
    assert (report.epoch, report.sequence) == (4, 1)


async def test_a_new_boot_of_the_host_is_said(post: Post) -> None:
    observer = await post.open()
    post.hypervisor.reboot()
    observer.opened((await post.driver.open(read_only=True)).boot_id)
    assert (await observer.observe()).boot_id == "boot-2"


async def test_absent_is_what_both_the_hypervisor_and_the_witness_deny(post: Post) -> None:
    observer = await post.open()
    await observer.observe()
    post.hypervisor.undefine(SECOND)
    report = await observer.observe()
    assert (report.completeness, report.absent) == (Completeness.COMPLETE, (SECOND,))
    assert (await observer.observe()).absent == (), "it was said, and is asked no more"


async def test_a_list_is_asked_after_what_the_server_knows(post: Post) -> None:
    """A daemon forgets a VM, and the agent that knew of it is gone too."""
    del post.hypervisor.domains[VM]
    observer = await post.open()
    assert (await observer.observe()).held == ()
    observer.connected(4, 50, (VM,))
    assert (await observer.observe()).held == (VM,)
    observer.connected(5, 60, ())
    assert (await observer.observe()).held == (VM,), "the agent has not forgotten it"


@pytest.mark.parametrize("listed", [True, False])
async def test_a_list_is_asked_after_what_a_look_has_shown(post: Post, listed: bool) -> None:
    observer = await post.open()
    if listed:
        await observer.observe_some([VM])
    del post.hypervisor.domains[VM]
    if not listed:
        await observer.observe_some([VM])
    assert (await observer.observe()).held == (VM,)


async def test_only_denials_in_a_row_let_a_vm_be_forgotten(post: Post) -> None:
    observer = await post.open()
    await observer.observe()
    post.witness.blind = True
    for _ in range(2):
        domain = post.hypervisor.domains.pop(SECOND)
        await observer.observe()
        post.driver.look_fails = True
        await observer.observe()
        post.driver.look_fails = False
        post.hypervisor.domains[SECOND] = domain
        await observer.observe()
    post.hypervisor.undefine(SECOND)
    await observer.observe()
    post.witness.blind = False
    assert (await observer.observe()).absent == (SECOND,)


async def test_a_vm_that_the_list_left_out_and_that_is_there_makes_the_report_partial(
    post: Post,
) -> None:
    observer = await post.open()
    await observer.observe()
    post.driver.left_out = [VM]
    report = await observer.observe()
    assert report.completeness is Completeness.PARTIAL
    assert {vm.uuid for vm in report.vms} == {VM, SECOND}
    assert report.absent == ()
    assert "were not in the list" in report.doubts[0]


async def test_what_is_missing_from_the_list_and_cannot_be_asked_for_is_not_absent(
    post: Post,
) -> None:
    observer = await post.open()
    await observer.observe()
    post.driver.left_out, post.driver.look_fails = [VM], True
    report = await observer.observe()
    assert (report.completeness, report.absent) == (Completeness.PARTIAL, ())
    assert report.doubts == ("1 VMs are not in the list, and gave no clear answer",)


async def test_a_sick_vm_makes_the_report_partial_and_nobody_absent(post: Post) -> None:
    observer = await post.open()
    await observer.observe()
    post.hypervisor.faults.sick.add(VM)
    report = await observer.observe()
    assert (report.completeness, report.absent) == (Completeness.PARTIAL, ())
    assert report.doubts


async def test_a_failing_look_is_no_report_and_takes_no_number(post: Post) -> None:
    observer = await post.open()
    post.hypervisor.faults.listing_fails = True
    with pytest.raises(DriverError):
        await observer.observe()
    post.hypervisor.faults.listing_fails = False
    assert (await observer.observe()).sequence == 1


async def test_a_report_says_what_was_known_when_its_look_began(post: Post) -> None:
    observer = await post.open()

    class Interrupted(SimulatedDriver):
        async def list_vms(self) -> Listing:
            observer.heard(99)
            return await super().list_vms()

        async def look(self, vms: Collection[VmUuid]) -> Listing:
            observer.heard(120)
            return await super().look(vms)

    driver = Interrupted(post.hypervisor)
    await driver.open(read_only=True)
    observer._driver = driver  # pyright: ignore[reportPrivateUsage]
    assert (await observer.observe()).asked_after == 40
    assert (await observer.observe_some([VM])).asked_after == 99
    observer.heard(10)
    assert observer.asked_after == 120, "it never goes back"
