"""A preview decides as a pass would, now or under other settings, and writes nothing at all."""

from typing import Any, cast

import pytest

from tests.pasts import owned, power
from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import JournalEntry
from vmuster.model.states import Finding, HostMode, PowerReason, Standing
from vmuster.server.answers.preview import Preview, PreviewItem, preview
from vmuster.server.paging import find_all
from vmuster.server.requests.arming import Arming, ArmingScope
from vmuster.server.requests.removal import Removal
from vmuster.stores.kinds import KINDS

pytestmark = pytest.mark.anyio
LOOSE: dict[str, object] = {"unknown_vms": "stop-by-name"}


async def content(parts: Bench) -> object:
    """Every row that is in the store, and the number given last."""
    kinds = cast("list[Any]", list(KINDS))
    rows: list[object] = [row for kind in kinds for row in await find_all(parts.store, kind)]
    return rows, parts.context.intakes.last


async def shown(
    parts: Bench,
    host: Host,
    settings: dict[str, object] | None = None,
    mode: HostMode | None = None,
) -> Preview:
    """The preview; and that it wrote nothing and asked nobody."""
    before = await content(parts), list(parts.heard.asked)
    found = await preview(parts.context, await parts.now(host), settings=settings or {}, mode=mode)
    assert (await content(parts), parts.heard.asked) == before
    return found


def item(found: Preview) -> PreviewItem:
    (only,) = found.items
    return only


async def stray(parts: Bench, mode: HostMode = HostMode.MANAGE) -> Host:
    """A host with a lookalike that was seen often enough, and our own VM in step."""
    host = await parts.host(mode=mode)
    for _ in range(3):
        await parts.report(host, seen(vm(7), "i-2-7-VM"))
    return host


async def test_what_the_next_pass_does_was_shown_before(parts: Bench) -> None:
    host = await stray(parts)
    await parts.policy(**LOOSE)
    found = item(await shown(parts, host))
    assert (found.vm, found.standing, found.act) == (vm(7), Standing.LOOKALIKE, "stop_vm")
    assert (found.automatic, found.withheld) == (True, "")
    await parts.report(host, seen(vm(7), "i-2-7-VM"))
    (sent,) = await parts.sent(vm(7))
    assert sent.command.automatic


async def test_another_policy_is_shown_with_the_leave_that_it_would_bring(parts: Bench) -> None:
    host = await stray(parts)
    now = await shown(parts, host)
    assert (item(now).act, now.what_if) == ("", False)
    if_ = await shown(parts, host, LOOSE)
    assert (item(if_).act, if_.what_if) == ("stop_vm", True)
    assert (await parts.cluster()).grant is None


async def test_another_mode_is_shown(parts: Bench) -> None:
    host = await stray(parts, HostMode.OBSERVE)
    looked = await shown(parts, host, LOOSE)
    assert (item(looked).act, looked.mode) == ("", HostMode.OBSERVE)
    if_ = await shown(parts, host, LOOSE, HostMode.MANAGE)
    assert (item(if_).act, if_.mode) == ("stop_vm", HostMode.MANAGE)


async def test_what_is_kept_back_is_shown_as_kept_back(parts: Bench) -> None:
    host = await stray(parts)
    over = await shown(parts, host, LOOSE | {"stops_per_pass_max": 0})
    assert (item(over).act, item(over).withheld) == ("", "stop_vm")
    assert "at most 0" in over.held
    await Arming(parts.context, parts.heard).disarm(ArmingScope.FLEET, why="", actor="ann")
    idle = await shown(parts, host, LOOSE)
    assert (item(idle).act, item(idle).withheld) == ("", "stop_vm")
    assert "disarmed" in idle.idle


async def test_what_is_in_step_is_counted_and_not_listed(parts: Bench) -> None:
    host = await owned(parts)
    found = await shown(parts, host)
    assert (found.items, found.vms, found.idle, found.held) == ((), 1, "", "")
    parts.clock.pass_by(5)
    assert (await shown(parts, host)).age_seconds == 5


async def test_a_request_in_flight_is_shown_as_a_persons(parts: Bench) -> None:
    host = await owned(parts)
    await power(parts)
    found = item(await shown(parts, host))
    assert (found.finding, found.act, found.automatic) == (Finding.IN_FLIGHT, "stop_vm", False)


async def test_drift_is_shown_as_the_policy_would_have_it(parts: Bench) -> None:
    host = await owned(parts)
    mark = parts.mark(vm(1))
    await parts.report(host, seen(vm(1), mark=mark))
    crashed = seen(vm(1), power=STOPPED, reason=PowerReason.GUEST, mark=mark)
    await Arming(parts.context, parts.heard).disarm(
        ArmingScope.HOST, host.name, why="", actor="ann"
    )
    await parts.policy(drift="enforce")
    await parts.report(host, crashed)
    found = item(await shown(parts, host))
    assert (found.finding, found.withheld) == (Finding.STOPPED_OUTSIDE, "start_vm")


async def test_a_host_without_an_account_has_nothing_to_show(parts: Bench) -> None:
    found = await shown(parts, await parts.host())
    assert (found.age_seconds, found.items) == (None, ())
    assert "account" in found.idle


async def test_settings_that_are_none_are_refused(parts: Bench) -> None:
    host = await stray(parts)
    with pytest.raises(Refused, match="no such setting"):
        await shown(parts, host, {"unknown_vm": "leave"})


async def test_a_host_that_is_gone_is_not_found(parts: Bench) -> None:
    host = await parts.host()
    await Removal(parts.context, parts.heard, parts.requests).remove(
        host, forget=False, actor="ann"
    )
    with pytest.raises(NotFound):
        await preview(parts.context, host, settings={}, mode=None)
    assert await parts.store.find(Host) == []
    assert await parts.store.find(Cluster)
    assert await parts.store.get(Fleet)
    assert await parts.store.find(JournalEntry)
