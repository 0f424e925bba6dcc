"""Gauges of what the database counts."""

from collections.abc import AsyncIterator

import pytest

from tests.servers import RUNNING, STOPPED, Bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.model.webhooks import Webhook
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.database import of_acts, of_journal, of_keys, of_vms
from vmuster.server.figures.metric import Metric, Sample

pytestmark = pytest.mark.anyio
Told = dict[tuple[str, ...], list[float]]


async def told(samples: AsyncIterator[Sample], metric: Metric) -> Told:
    found: Told = {}
    async for each in samples:
        if each.metric == metric:
            found.setdefault(each.labels, []).append(each.value)
    return found


async def write(parts: Bench, *rows: ApiKey | Webhook) -> None:
    changes = Changes(writes=tuple(Write(before=None, after=row) for row in rows))
    assert await parts.store.commit([changes]) == [""]


async def test_vms_are_counted_by_standing_and_power(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await parts.report(
        host, *await parts.shown(host), seen(vm(2), power=RUNNING), seen(vm(3), power=STOPPED)
    )
    assert await told(of_vms(parts.store), of.VMS) == {
        ("owned", "running"): [1],
        ("alien", "running"): [1],
        ("alien", "stopped"): [1],
    }
    assert await told(of_vms(parts.store), of.VMS_UNSEEN) == {}


async def test_ours_that_are_not_shown_are_counted_by_phase(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1), vm(2))
    await parts.report(host, *(one for one in await parts.shown(host) if one.uuid == vm(2)))
    assert await told(of_vms(parts.store), of.VMS_UNSEEN) == {("running",): [1]}
    assert await told(of_vms(parts.store), of.VMS) == {("owned", "running"): [1]}


async def test_what_is_under_way_is_counted(parts: Bench) -> None:
    host = await parts.host()
    assert await told(of_acts(parts.store), of.COMMANDS_OPEN) == {(): [0]}
    await parts.report(host, seen(vm(1), power=RUNNING))
    await parts.adopt(vm(1))
    opened = await told(of_acts(parts.store), of.OPERATIONS_OPEN)
    assert {labels: sum(n) for labels, n in opened.items()} == {
        ("adopt",): 1,
        ("release",): 0,
        ("start",): 0,
        ("stop",): 0,
    }
    assert await told(of_acts(parts.store), of.COMMANDS_OPEN) == {(): [1]}
    (sent,) = await parts.sent(vm(1))
    await parts.answer(sent.id, host)
    assert await told(of_acts(parts.store), of.COMMANDS_OPEN) == {(): [0]}


async def test_plans_that_wait_are_counted(parts: Bench) -> None:
    assert await told(of_acts(parts.store), of.HELD_PLANS) == {
        ("held",): [0],
        ("approved",): [0],
        ("rejected",): [0],
    }


async def test_a_webhook_is_as_far_behind_as_its_oldest_entry(parts: Bench) -> None:
    entries = [
        JournalEntry(at=at, kind=kind, actor="a", what="b")
        for at, kind in ((10.0, EntryKind.ALERT), (20.0, EntryKind.AUDIT), (30.0, EntryKind.ALERT))
    ]
    last = len(await parts.journal())
    assert await parts.store.commit([Changes(entries=tuple(entries))]) == [""]

    def hook(name: str, delivered: int, failures: int = 0) -> Webhook:
        kinds = (EntryKind.ALERT,)
        return Webhook(
            name=name, url="b", sealed=b"c", kinds=kinds, created_at=1.0, delivered=delivered,
            failures=failures,
        )  # fmt: skip

    journal = of_journal(parts.store, 100.0)
    assert await told(journal, of.WEBHOOK_BEHIND) == {(): [0]}
    await write(parts, hook("done", last + 3), hook("quiet", last + 1), hook("late", last, 4))
    assert await told(of_journal(parts.store, 100.0), of.WEBHOOK_BEHIND) == {(): [0, 90, 70]}
    assert await told(of_journal(parts.store, 100.0), of.WEBHOOKS) == {(): [3]}
    assert await told(of_journal(parts.store, 100.0), of.WEBHOOKS_FAILING) == {(): [1]}
    assert await told(of_journal(parts.store, 100.0), of.HEAD) == {(): [last + 3]}
    assert await told(of_journal(parts.store, 100.0), of.UNREADABLE) == {(): [0]}


async def test_the_key_that_ends_next_is_told(parts: Bench) -> None:
    def key(name: str, ends: float | None) -> ApiKey:
        return ApiKey(name=name, digest=name, created_at=1.0, expires_at=ends)

    await write(parts, key("never", None), key("over", 90.0))
    assert await told(of_keys(parts.store, 100.0), of.KEY_ENDS) == {}
    await write(parts, key("later", 300.0), key("next", 200.0))
    assert await told(of_keys(parts.store, 100.0), of.KEY_ENDS) == {(): [200.0]}
