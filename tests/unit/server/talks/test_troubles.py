"""Why a host gives no account: written down once, and counted at once."""

from collections.abc import Sequence

import pytest

from tests.servers import Bench, bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import HostUuid
from vmuster.model.journal import EntryKind
from vmuster.model.policy import FleetPolicy
from vmuster.model.states import HostHealth
from vmuster.server.talks.repeats import TIMES_MAX, WORDS_MAX
from vmuster.server.talks.troubles import note_trouble
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def known(parts: Bench, name: str = "alpha") -> Host:
    host = await parts.host(name)
    await parts.report(host, seen(vm(1)))
    return host


async def said(parts: Bench) -> list[EntryKind]:
    return [e.kind for e in await parts.journal() if e.what.startswith("no account of host")]


async def test_it_is_written_once_as_long_as_it_lasts(parts: Bench) -> None:
    host = await known(parts)
    for _ in range(3):
        await note_trouble(parts.context, host.id, "no answer")
    now = await parts.now(host)
    assert (now.trouble, now.health, now.well_since) == ("no answer", HostHealth.SUSPECT, None)
    assert await said(parts) == [EntryKind.DECISION]
    await note_trouble(parts.context, host.id, "connection refused")
    assert (await parts.now(host)).trouble == "connection refused"


async def test_after_a_report_the_same_trouble_is_news_again(parts: Bench) -> None:
    host = await known(parts)
    await note_trouble(parts.context, host.id, "no answer")
    await parts.report(host, seen(vm(1)))
    assert (await parts.now(host)).health is HostHealth.UP
    await note_trouble(parts.context, host.id, "no answer")
    assert len(await said(parts)) == 2
    assert (await parts.now(host)).flaps == 2


async def test_words_that_the_sweep_has_made_more_of_are_left(parts: Bench) -> None:
    host = await known(parts)
    await note_trouble(parts.context, host.id, "no answer")
    whole = "its hypervisor does not answer: no answer"
    await parts.change(await parts.now(host), trouble=whole)
    await note_trouble(parts.context, host.id, "no answer")
    assert (await parts.now(host)).trouble == whole


async def test_a_host_that_was_well_in_between_is_troubled_again(parts: Bench) -> None:
    """A partial report leaves the words of a trouble, and makes the host well all the same."""
    host = await known(parts)
    await note_trouble(parts.context, host.id, "no answer")
    await parts.change(await parts.now(host), well_since=parts.clock.now())
    await note_trouble(parts.context, host.id, "no answer")
    assert (await parts.now(host)).well_since is None


async def test_a_claim_is_kept_and_is_news(parts: Bench) -> None:
    host, claimed = await known(parts), HostUuid(vm(9))
    await note_trouble(parts.context, host.id, "refused")
    await note_trouble(parts.context, host.id, "refused", kind=EntryKind.ALERT, claims=claimed)
    assert (await parts.now(host)).claims == claimed
    await note_trouble(parts.context, host.id, "something else")
    assert (await parts.now(host)).claims == claimed
    assert await said(parts) == [EntryKind.DECISION, EntryKind.ALERT, EntryKind.DECISION]


@pytest.mark.parametrize("kind", [EntryKind.DECISION, EntryKind.ALERT])
async def test_no_number_of_other_troubles_keeps_it_from_being_told_who_answers(
    parts: Bench, kind: EntryKind
) -> None:
    host, claimed = await known(parts), HostUuid(vm(9))
    for number in range(WORDS_MAX + 1):
        await note_trouble(parts.context, host.id, f"byte {number}", kind=kind)
    assert await said(parts) == [kind] * WORDS_MAX
    for number in range(WORDS_MAX + 1):
        words = f"another machine answers: {number}"
        await note_trouble(parts.context, host.id, words, kind=EntryKind.ALERT, claims=claimed)
    alerts = (await said(parts))[WORDS_MAX:]
    assert alerts == [EntryKind.ALERT] * WORDS_MAX, "of these too there is an end"


class Racing(MemoryStore):
    """A host's row is written by somebody else before each of the next `races` writes of it."""

    races = 0

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        hosts = [w.before for each in changes for w in each.writes if isinstance(w.before, Host)]
        if self.races and hosts:
            self.races -= 1
            (row,) = await self.find(Host)
            await super().commit([Changes(writes=(Write(before=row, after=row),))])
        return await super().commit(changes)


async def test_what_could_not_be_written_was_not_told(anyio_backend: str) -> None:
    store = Racing()
    parts = await bench(store)
    host = await known(parts)
    store.races = TIMES_MAX
    await note_trouble(parts.context, host.id, "no answer")
    assert store.races == 0
    assert await said(parts) == [EntryKind.DECISION]


async def test_hosts_that_go_dark_together_are_counted_at_once(parts: Bench) -> None:
    hosts = [await known(parts, name) for name in ("alpha", "beta", "gamma")]
    parts.context.weather.count([await parts.now(host) for host in hosts])
    cluster = await parts.cluster()

    def dark() -> str:
        return parts.context.weather.dark(cluster.name, cluster.policy, FleetPolicy())

    for host in hosts:
        assert dark() == ""
        await note_trouble(parts.context, host.id, "no answer")
    assert "3 of 3" in dark()


async def test_what_has_a_gist_is_known_by_it(parts: Bench) -> None:
    host = await known(parts)
    for number in range(5):
        words = f"bad message: byte {number}"
        await note_trouble(parts.context, host.id, words, kind=EntryKind.ALERT, gist="bad message")
    assert (await parts.now(host)).trouble == "bad message: byte 0"
    assert await said(parts) == [EntryKind.ALERT]
    await note_trouble(parts.context, host.id, "no answer")
    assert await said(parts) == [EntryKind.ALERT, EntryKind.DECISION]


async def test_troubles_that_take_turns_are_told_a_few_times_and_always_shown(
    parts: Bench,
) -> None:
    host = await known(parts)
    words = ("connection refused", "list timed out")
    for number in range(100):
        await note_trouble(parts.context, host.id, words[number % 2])
    assert len(await said(parts)) == 2 * TIMES_MAX
    assert (await parts.now(host)).trouble == words[1]
