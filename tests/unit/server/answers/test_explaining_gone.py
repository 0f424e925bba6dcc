"""Why a VM is gone, or is out of sight: the very words that somebody reads at night."""

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from tests.unit.server.answers.test_explaining import NOT_OURS, lines, story, three, web
from vmuster.model.states import HostHealth, PowerReason
from vmuster.server.requests.removal import Removal

pytestmark = pytest.mark.anyio


async def test_a_vm_that_is_missing(parts: Bench) -> None:
    host = await web(parts)
    for _ in range(3):
        await parts.report(host, seen(vm(2)), absent=(vm(1),))
    told = await story(parts)
    assert three(told)[:2] == (
        "web-01 is missing: alpha does not show it any more",
        f"{NOT_OURS}; its hypervisor says that there is no such VM, and no process holds it",
    )
    assert told.why.rule == "missing"
    assert lines(told.state)["seen"] == "running on alpha, when it was last seen there"


async def test_a_vm_whose_host_was_removed_is_not_said_to_have_ended(parts: Bench) -> None:
    host = await web(parts)
    await parts.change(await parts.now(host), well_since=None, health=HostHealth.UNREACHABLE)
    removal = Removal(parts.context, parts.heard, parts.requests)
    await removal.remove(await parts.now(host), forget=True, dead=True, actor="anna")
    told = await story(parts)
    assert three(told) == (
        "no host shows web-01 any more; it was last on alpha",
        "anna removed host alpha, and it was forgotten with it; nobody can tell what became of it"
        " there, and our mark is still in it",
        "none is left: no host shows it",
    )
    assert told.ended == ()
    assert {link.who for link in told.concluded} == {"alpha"}


async def test_a_vm_that_was_released(parts: Bench) -> None:
    host = await web(parts)
    await parts.requests.release(vm(1), actor="bert")
    await parts.report(host, *(await parts.shown(host)))
    await parts.answer((await parts.sent(vm(1)))[-1].id, host)
    await parts.report(host, seen(vm(1), "web-01"))
    told = await story(parts)
    assert three(told)[:2] == (
        "web-01 runs on alpha, and is not ours",
        "bert released it: our mark is gone from it",
    )
    assert lines(told.chapters[0].links)["command"] == "alpha was told to take our mark out of it"


async def test_a_released_vm_that_somebody_stopped(parts: Bench) -> None:
    """That it was released did not stop it."""
    host = await web(parts)
    await parts.requests.release(vm(1), actor="bert")
    await parts.report(host, *(await parts.shown(host)))
    await parts.answer((await parts.sent(vm(1)))[-1].id, host)
    await parts.report(host, seen(vm(1), "web-01"))
    await parts.report(host, seen(vm(1), "web-01", power=STOPPED, reason=PowerReason.HAND))
    assert three(await story(parts))[1] == (
        f"{NOT_OURS}; alpha says: somebody stopped it through the hypervisor; bert released it: our"
        " mark is gone from it"
    )


async def test_a_record_that_was_dropped(parts: Bench) -> None:
    host = await web(parts)
    for _ in range(4):
        await parts.report(host, seen(vm(2)), absent=(vm(1),))
    await parts.requests.forget(vm(1), actor="bert")
    assert three(await story(parts))[1].endswith(
        "; bert had its record dropped: its host does not show it any more"
    )


async def test_a_vm_on_a_host_that_gives_no_account(parts: Bench) -> None:
    """Whatever was seen last, nobody knows whether it is so."""
    host = await web(parts)
    now = await parts.now(host)
    away = HostHealth.UNREACHABLE
    await parts.change(now, health=away, well_since=None, trouble="connection refused")
    told = await story(parts)
    assert three(told)[:2] == (
        "web-01 was last seen running on alpha, which is unreachable (connection refused)",
        "alpha gives no account: nobody can tell how it is now",
    )
    assert told.why.rule == "trouble"
    assert told.state[-1].what.startswith("alpha is unreachable (connection refused): ")


async def test_a_vm_that_is_gone(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), "web-01"), seen(vm(2)))
    await parts.report(host, seen(vm(2)), absent=(vm(1),))
    told = await story(parts)
    assert three(told) == (
        "no host shows web-01 any more; it was last on alpha",
        NOT_OURS,
        "none: vmuster did nothing that would have needed one",
    )
    assert lines(told.state) == {"seen": "on no host, and no record of it is kept"}
