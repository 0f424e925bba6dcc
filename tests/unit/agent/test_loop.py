"""The life of an agent over a simulated hypervisor; the test is at the server's end of the link."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from tests import moments
from tests.parts import HOST, VM
from tests.talks import Talk, living
from vmuster.drivers.simulated.reach import Reach
from vmuster.model.ids import HostUuid
from vmuster.model.messages import (
    Acknowledged,
    Answered,
    Configure,
    Hello,
    Look,
    Reported,
    Trouble,
    Welcome,
)
from vmuster.model.states import CommandOutcome, Completeness, HostMode, PowerState, StopMethod
from vmuster.model.wire import decode_to_server
from vmuster.ports.driver import DriverError
from vmuster.ports.link import LinkClosed

pytestmark = pytest.mark.anyio
FORCE = moments.stop(automatic=False, method=StopMethod.FORCE)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(tmp_path)


async def test_it_greets_with_its_facts_and_reports_once_it_is_welcome(talk: Talk) -> None:
    async with living(talk):
        hello = await talk.hear(Hello)
        assert (hello.host, hello.facts) == (HOST, talk.hypervisor.facts)
        await talk.say(Welcome(epoch=9, settings=moments.settings(), intake=40))
        report = (await talk.hear(Reported)).report
        assert (report.epoch, report.sequence, report.asked_after) == (9, 1, 40)
        assert report.completeness is Completeness.COMPLETE
        assert [vm.uuid for vm in report.vms] == [VM]


async def test_before_it_is_welcome_it_reports_nothing(talk: Talk) -> None:
    async with living(talk):
        await talk.hear(Hello)
        talk.hypervisor.destroy(VM)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await talk.hear(Reported)


async def test_in_observe_the_hypervisor_is_open_to_read_only(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome(HostMode.OBSERVE)
        assert talk.driver.opened == [True]
        await talk.order(FORCE)
        assert (await talk.hear(Answered)).result.outcome is CommandOutcome.REFUSED
        for mode, opened in ((HostMode.MANAGE, False), (HostMode.OBSERVE, True)):
            await talk.say(Configure(settings=moments.settings(mode=mode)))
            await talk.report(Completeness.COMPLETE)
            assert talk.driver.opened[-1] is opened
        assert talk.driver.opened == [True, False, True]
        assert talk.hypervisor.acts_on(VM) == 0


async def test_an_order_waits_for_the_leave_to_write_that_came_before_it(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome(HostMode.OBSERVE)
        await talk.say(Configure(settings=moments.settings(mode=HostMode.MANAGE)))
        await talk.order(FORCE)
        assert (await talk.hear(Answered)).result.outcome is CommandOutcome.DONE
        assert talk.driver.opened == [True, False]


async def test_settings_that_change_nothing_about_writing_do_not_reopen(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        for mode in (HostMode.CORDONED, HostMode.MAINTENANCE):
            await talk.say(Configure(settings=moments.settings(mode=mode)))
            await talk.report(Completeness.COMPLETE)
        assert talk.driver.opened == [True, False]


async def test_orders_are_carried_out_answered_and_looked_at(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        await talk.order(FORCE)
        result = (await talk.hear(Answered)).result
        assert (result.command, result.outcome) == (FORCE.id, CommandOutcome.DONE)
        report = await talk.report(Completeness.PARTIAL)
        assert [(vm.uuid, vm.power) for vm in report.vms] == [(VM, PowerState.STOPPED)]
        await talk.order(FORCE)
        assert (await talk.hear(Answered)).result == result
        assert talk.hypervisor.acts_on(VM) == 1


async def test_a_bell_causes_a_look_at_that_vm(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.hypervisor.destroy(VM)
        report = await talk.report(Completeness.PARTIAL)
        assert [(vm.uuid, vm.power) for vm in report.vms] == [(VM, PowerState.STOPPED)]


async def test_a_question_is_answered_with_the_number_it_came_with(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        await talk.say(Acknowledged(epoch=moments.EPOCH, sequence=1, intake=41))
        await talk.say(Look(intake=42, vms=(VM,)))
        assert (await talk.report(Completeness.PARTIAL)).asked_after == 42
        await talk.say(Look(intake=43))
        assert (await talk.report(Completeness.COMPLETE)).asked_after == 43


@pytest.mark.parametrize("seconds", [0.0, 30.0])
async def test_a_server_that_has_too_much_to_do_puts_looks_off(talk: Talk, seconds: float) -> None:
    async with living(talk):
        await talk.welcome()
        told = Acknowledged(epoch=moments.EPOCH, sequence=1, intake=41, retry_after=seconds)
        await talk.say(told)
        await talk.say(Look(intake=42, vms=(VM,)))
        assert (await talk.report(Completeness.PARTIAL)).asked_after == 42, "what is asked for"
        talk.hypervisor.destroy(VM)
        if seconds:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await talk.hear(Reported)
            await talk.say(Look(intake=43, vms=(VM,)))
        report = await talk.report(Completeness.PARTIAL)
        assert [(vm.uuid, vm.power) for vm in report.vms] == [(VM, PowerState.STOPPED)]


async def test_the_interval_brings_complete_reports_without_any_bell(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome(seconds=0.05)
        sequences = [(await talk.report(Completeness.COMPLETE)).sequence for _ in range(3)]
        assert sequences == sorted(set(sequences))


async def test_a_dead_daemon_is_trouble_and_its_return_is_a_complete_report(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.hypervisor.kill_daemon()
        trouble = await talk.hear(Trouble)
        assert (trouble.host, trouble.what) == (HOST, "not connected")
        talk.hypervisor.start_daemon()
        report = await talk.report(Completeness.COMPLETE)
        assert [vm.power for vm in report.vms] == [PowerState.RUNNING]
        assert talk.driver.opened[-1] is False, "with the same leave as before"


async def test_a_daemon_that_is_dead_at_first_is_waited_for(talk: Talk) -> None:
    talk.hypervisor.kill_daemon()
    async with living(talk):
        assert "cannot connect" in (await talk.hear(Trouble)).what
        talk.hypervisor.start_daemon()
        await talk.hear(Hello)


async def test_a_list_that_fails_is_trouble_and_never_a_report(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.hypervisor.faults.listing_fails = True
        await talk.say(Look(intake=50))
        message = decode_to_server(await talk.end.receive())
        assert message == Trouble(host=HOST, what="the list failed")
        talk.hypervisor.faults.listing_fails = False
        assert (await talk.report(Completeness.COMPLETE)).vms


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that takes any host for its own."""

    def is_content(_reach: Reach) -> None:
        pass

    monkeypatch.setattr(Reach, "_insist", is_content)


@pytest.mark.parametrize("trusts", [True, False], ids=["the driver trusts", "both refuse"])
async def test_another_host_behind_the_same_address_ends_the_conversation(
    talk: Talk, request: pytest.FixtureRequest, trusts: bool
) -> None:
    """Its VM bears our good mark, as a copy made for a disaster does; no look and no act follows.

    Only a new conversation begins with a greeting, by which a person can accept that host.
    """
    if trusts:
        request.getfixturevalue("trusting")
    life = asyncio.create_task(talk.agent.run())
    await talk.welcome()
    talk.hypervisor.kill_daemon()
    talk.hypervisor.uuid = HostUuid(UUID(int=8))
    talk.hypervisor.start_daemon()
    while "another host answers now" not in (await talk.hear(Trouble)).what:
        pass
    with pytest.raises(ExceptionGroup) as ended:
        async with asyncio.timeout(10):
            await life
    talk.end.close()
    assert ended.group_contains(DriverError, match="another host answers now")
    assert talk.hypervisor.acts_on(VM) == 0


@pytest.mark.usefixtures("trusting")
async def test_nothing_is_done_while_it_is_not_known_which_host_answers(talk: Talk) -> None:
    """Another host's daemon has taken the call, and the agent does not know yet."""
    async with living(talk):
        await talk.welcome()
        talk.driver.opening.clear()
        talk.driver.goes_on.clear()
        talk.hypervisor.kill_daemon()
        talk.hypervisor.uuid = HostUuid(UUID(int=8))
        talk.hypervisor.start_daemon()
        async with asyncio.timeout(10):
            await talk.driver.opening.wait()
        await talk.order(FORCE)
        result = (await talk.hear(Answered)).result
        assert result.outcome is CommandOutcome.REFUSED
        assert "its host" in result.message
        talk.driver.goes_on.set()
        while "another host answers now" not in (await talk.hear(Trouble)).what:
            pass
    assert talk.hypervisor.acts_on(VM) == 0


async def test_orders_before_the_welcome_are_refused_and_the_agent_lives_on(talk: Talk) -> None:
    async with living(talk):
        await talk.hear(Hello)
        await talk.order(FORCE)
        assert (await talk.hear(Answered)).result.outcome is CommandOutcome.REFUSED
        await talk.say(Welcome(epoch=moments.EPOCH, settings=moments.settings(), intake=40))
        await talk.report(Completeness.COMPLETE)
    assert talk.hypervisor.acts_on(VM) == 0


async def test_when_the_server_goes_no_vm_changes(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.end.close()
    assert talk.hypervisor.acts_on(VM) == 0
    assert talk.hypervisor.domains[VM].power is PowerState.RUNNING


async def test_a_life_ends_when_the_link_closes(talk: Talk) -> None:
    life = asyncio.create_task(talk.agent.run())
    await talk.welcome()
    talk.end.close()
    async with asyncio.timeout(5):
        with pytest.raises(ExceptionGroup) as ended:
            await life
    assert ended.group_contains(LinkClosed)


@pytest.mark.parametrize("said", [{"automatic": False}, {"quarantined": True}])
async def test_an_order_that_waited_is_judged_by_the_settings_of_its_moment(
    talk: Talk, said: dict[str, bool]
) -> None:
    """It waits for the leave to write, and automation is disarmed meanwhile."""
    async with living(talk):
        await talk.welcome(HostMode.OBSERVE)
        talk.driver.opening.clear()
        talk.driver.goes_on.clear()
        await talk.say(Configure(settings=moments.settings()))
        await talk.order(moments.stop())
        async with asyncio.timeout(10):
            await talk.driver.opening.wait()
        await talk.say(Configure(settings=moments.settings(**said)))
        await talk.say(Look(intake=42))
        talk.driver.goes_on.set()
        result = (await talk.hear(Answered)).result
    assert result.outcome is CommandOutcome.REFUSED
    assert ("disarmed" if "automatic" in said else "quarantine") in result.message
    assert talk.hypervisor.acts_on(VM) == 0
