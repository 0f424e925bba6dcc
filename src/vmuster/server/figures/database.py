"""Gauges that the database knows: it counts, and no row of a VM is read for them."""

from collections.abc import AsyncIterator

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.model.operations import OPEN, Operation
from vmuster.model.states import Standing
from vmuster.model.vm import Sighting
from vmuster.model.webhooks import Webhook
from vmuster.ports.store import Store
from vmuster.server.answers.anchor import head
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.metric import Metric, Sample
from vmuster.server.paging import find_all


async def of_vms(store: Store) -> AsyncIterator[Sample]:
    """What hosts show, and what they ought to show."""
    for standing in Standing:
        counted = await store.count(Sighting, by="power", standing=standing, absent=False)
        for power, number in counted.items():
            yield Sample(metric=of.VMS, value=number, labels=(standing, str(power)))
    for phase, number in (await store.unseen()).items():
        yield Sample(metric=of.VMS_UNSEEN, value=number, labels=(str(phase),))


async def of_acts(store: Store) -> AsyncIterator[Sample]:
    """What is under way, and what waits for a person."""
    counted: tuple[tuple[Metric, dict[object, int]], ...] = (
        (of.OPERATIONS_OPEN, await store.count(Operation, by="kind", state=OPEN)),
        (of.HELD_PLANS, await store.count(HeldPlan, by="state")),
    )
    for metric, numbers in counted:
        for word in metric.labels[0].values:
            yield Sample(metric=metric, value=0, labels=(word,))
        for word, number in numbers.items():
            yield Sample(metric=metric, value=number, labels=(str(word),))
    unanswered = await store.count(OutboxCommand, by="answered_at", answered_at=None)
    yield Sample(metric=of.COMMANDS_OPEN, value=sum(unanswered.values()))


async def of_journal(store: Store, now: float) -> AsyncIterator[Sample]:
    """How far the journal has come, and how far behind it webhooks are."""
    yield Sample(metric=of.HEAD, value=(await head(store)).id)
    yield Sample(metric=of.UNREADABLE, value=len(await store.unread()))
    webhooks = await find_all(store, Webhook, readable=True)
    yield Sample(metric=of.WEBHOOKS, value=len(webhooks))
    yield Sample(metric=of.WEBHOOKS_FAILING, value=sum(bool(each.failures) for each in webhooks))
    yield Sample(metric=of.WEBHOOK_BEHIND, value=0)
    for webhook in webhooks:
        wanted, place = frozenset(webhook.kinds), (webhook.delivered,)
        for entry in await store.find(JournalEntry, limit=1, after=place, kind=wanted):
            yield Sample(metric=of.WEBHOOK_BEHIND, value=max(0.0, now - entry.at))


async def of_keys(store: Store, now: float) -> AsyncIterator[Sample]:
    """When the next API key ends."""
    keys = await find_all(store, ApiKey, readable=True)
    ends = [key.expires_at for key in keys if key.expires_at is not None and key.expires_at > now]
    if ends:
        yield Sample(metric=of.KEY_ENDS, value=min(ends))
