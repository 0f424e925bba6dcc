"""A greeting: who is welcome, what is refused, and what it says of our database's age."""

from uuid import UUID

import msgspec
import pytest

from tests.agents import FACTS, fresh
from tests.parts import NOW
from tests.servers import Bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Fleet, Host, HostFacts
from vmuster.model.ids import CommandId, HostUuid
from vmuster.model.journal import EntryKind
from vmuster.model.messages import Hello
from vmuster.server.figures.catalogue import HELLOS
from vmuster.server.intake_numbers import IntakeNumbers
from vmuster.server.talks.dispatch import due
from vmuster.server.talks.greeting import greet
from vmuster.server.talks.repeats import WORDS_MAX

pytestmark = pytest.mark.anyio
OTHER = HostUuid(UUID(int=71))


async def says(
    parts: Bench,
    host: Host,
    facts: HostFacts = FACTS,
    *,
    epoch: int = 0,
    intake: int = 0,
    commands: tuple[CommandId, ...] = (),
) -> int:
    hello = Hello(host=host.id, facts=facts, epoch=epoch, intake=intake, commands=commands)
    return await greet(parts.context, host.id, hello)


def greeted(parts: Bench) -> dict[str, float]:
    return {each: n for (each,), n in parts.context.figures.sums(HELLOS, ()).items()}


async def entries(parts: Bench, kind: EntryKind) -> list[str]:
    return [e.what for e in await parts.journal() if e.kind is kind and e.actor != "ann"]


async def fleet(parts: Bench) -> Fleet:
    found = await parts.store.get(Fleet)
    assert found is not None
    return found


async def test_an_agent_that_knows_what_we_know_is_welcome(parts: Bench) -> None:
    host = await fresh(parts)
    assert await says(parts, host) == 1
    assert await says(parts, host, epoch=1, intake=await parts.context.intakes.next()) == 2
    assert greeted(parts) == {"welcomed": 2, "refused": 0}
    assert (await fleet(parts)).quarantine is None


@pytest.mark.parametrize(("epoch", "intake"), [(0, 0), (1, 3)], ids=["lost", "rolled back"])
async def test_an_agent_that_forgot_is_welcome_and_no_epoch_comes_twice(
    parts: Bench, epoch: int, intake: int
) -> None:
    """F25, F26."""
    host = await fresh(parts)
    while await parts.context.intakes.next() < 5:
        pass
    for expected in (1, 2, 3):
        assert await says(parts, host, epoch=epoch and expected - 1) == expected
    assert await says(parts, host, epoch=epoch, intake=intake) == 4
    assert (await fleet(parts)).quarantine is None
    assert await entries(parts, EntryKind.ALERT) == []


@pytest.mark.parametrize(
    ("epoch", "intake", "highest"), [(7, 0, 0), (0, 900_000, 900_000), (7, 900_000, 900_000)]
)
async def test_an_agent_that_knows_more_than_we_do_means_an_older_database(
    parts: Bench, epoch: int, intake: int, highest: int
) -> None:
    host = await fresh(parts)
    issued = await says(parts, host, epoch=epoch, intake=intake)
    assert issued == epoch + 1, "welcome, and above what it was told before"
    quarantine = (await fleet(parts)).quarantine
    assert quarantine is not None
    assert (quarantine.highest, quarantine.since) == (highest, parts.clock.now())
    assert parts.context.fleet.quarantine == quarantine
    (alert,) = await entries(parts, EntryKind.ALERT)
    assert alert.startswith("the database is older than the hosts")
    await says(parts, host, epoch=issued, intake=intake)
    assert (await fleet(parts)).quarantine == quarantine, "known already"
    assert await parts.report(await parts.now(host), seen(vm(1))) == "", "looking goes on"


async def test_a_person_is_told_of_a_quarantine_and_not_by_every_host_anew(parts: Bench) -> None:
    host, numbers = await fresh(parts), range(900_000, 900_020)
    for number in numbers:
        await says(parts, host, intake=number)
    quarantine = (await fleet(parts)).quarantine
    assert quarantine is not None
    assert quarantine.highest == max(numbers), "what it forgot is known to its end"
    told = len(await entries(parts, EntryKind.ALERT))
    assert told == len(quarantine.evidence) < len(numbers)
    assert len(await entries(parts, EntryKind.DECISION)) == len(numbers) - told


@pytest.mark.parametrize("ours", [True, False], ids=["agents of ours", "agents of its own"])
async def test_another_server_over_the_same_database_is_told_once_and_by_its_name(
    parts: Bench, *, ours: bool
) -> None:
    """F70: it is no older database, and no number is forgotten."""
    other = IntakeNumbers(parts.store)
    await other.reserve()
    host = await fresh(parts)
    for epoch in (1, 2, 3):
        assert await says(parts, host, intake=await other.next() if ours else 0) == epoch
    quarantine = (await fleet(parts)).quarantine
    assert quarantine is not None
    words = "another server is at work over the same database: end one of the two"
    assert (quarantine.evidence, quarantine.highest) == ((words,), 0)
    assert await entries(parts, EntryKind.ALERT) == [f"two servers: quarantine; {words}"]
    assert await entries(parts, EntryKind.DECISION) == []


async def test_impossible_numbers_are_refused_and_are_no_evidence(parts: Bench) -> None:
    host = await fresh(parts)
    assert await says(parts, host, intake=2**62) == 0
    assert "numbers" in (await parts.now(host)).trouble
    assert (await fleet(parts)).quarantine is None


async def test_orders_are_kept_back_in_quarantine_and_for_a_refused_host(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    await parts.requests.adopt(vm(1), actor="ann")
    assert len(await due(parts.context, host.id, 1, ())) == 1
    now = await parts.now(host)
    assert now.facts is not None
    assert await says(parts, host, msgspec.structs.replace(now.facts, uuid=OTHER)) == 0
    assert await due(parts.context, host.id, 1, ()) == []
    assert (await parts.sent(vm(1)))[0].answered_at is None, "nothing is closed"
    assert await says(parts, host, now.facts) == 2
    assert len(await due(parts.context, host.id, 2, ())) == 1
    assert await says(parts, host, now.facts, epoch=9) == 10
    assert await due(parts.context, host.id, 10, ()) == []
    assert (await parts.sent(vm(1)))[0].answered_at is None


async def test_a_changed_uuid_is_claimed_until_a_person_accepts_it(parts: Bench) -> None:
    """F48: installed anew, on another board."""
    host = await fresh(parts)
    await says(parts, host)
    changed = msgspec.structs.replace(FACTS, uuid=OTHER)
    assert await says(parts, host, changed) == 0
    now = await parts.now(host)
    assert (now.uuid, now.claims, now.epoch) == (FACTS.uuid, OTHER, 1)
    (alert,) = await entries(parts, EntryKind.ALERT)
    assert f"--uuid {OTHER}" in alert
    await parts.change(now, accepted=OTHER, claims=None)
    assert await says(parts, host, changed) == 2
    now = await parts.now(host)
    assert (now.uuid, now.claims) == (OTHER, None)


async def test_hosts_whose_addresses_were_swapped_are_both_refused(parts: Bench) -> None:
    """F49: each answers at the other's address."""
    alpha, beta = await fresh(parts, "alpha"), await fresh(parts, "beta")
    theirs = msgspec.structs.replace(FACTS, uuid=OTHER, hostname="beta")
    assert (await says(parts, alpha), await says(parts, beta, theirs)) == (1, 1)
    assert (await says(parts, alpha, theirs), await says(parts, beta)) == (0, 0)
    assert ((await parts.now(alpha)).claims, (await parts.now(beta)).claims) == (OTHER, FACTS.uuid)
    assert (await says(parts, alpha), await says(parts, beta, theirs)) == (2, 2)


async def test_two_machines_with_one_uuid_are_never_both_welcome(parts: Bench) -> None:
    """F50: an image was copied, its host uuid with it."""
    alpha, beta = await fresh(parts, "alpha"), await fresh(parts, "beta")
    assert await says(parts, alpha) == 1
    assert await says(parts, beta) == 0
    now = await parts.now(beta)
    assert "already known as alpha" in now.trouble
    assert "host_uuid" in now.trouble
    assert (now.uuid, now.epoch) == (None, 0)
    assert await says(parts, alpha) == 2, "the first one is not disturbed"


async def test_a_uuid_that_many_machines_share_needs_a_person(parts: Bench) -> None:
    host = await fresh(parts)
    junk = msgspec.structs.replace(FACTS, uuid=HostUuid(UUID(bytes=b"\xff" * 16)))
    assert await says(parts, host, junk) == 0
    now = await parts.now(host)
    assert now.claims == junk.uuid
    await parts.change(now, accepted=junk.uuid)
    assert await says(parts, host, junk) == 1


async def test_a_renamed_host_is_the_same_host_and_it_is_noted(parts: Bench) -> None:
    host = await fresh(parts)
    await says(parts, host)
    assert await says(parts, host, msgspec.structs.replace(FACTS, hostname="gamma")) == 2
    assert (await entries(parts, EntryKind.AUDIT))[
        -1
    ] == "host alpha calls itself gamma now; it called itself alpha"
    await says(parts, host, msgspec.structs.replace(FACTS, hostname="gamma"))
    assert sum("calls itself" in what for what in await entries(parts, EntryKind.AUDIT)) == 1


async def test_a_host_that_is_called_otherwise_every_time_fills_no_journal(parts: Bench) -> None:
    host = await fresh(parts)
    for number in range(60):
        assert await says(parts, host, msgspec.structs.replace(FACTS, hostname=f"h{number}"))
    noted = [what for what in await entries(parts, EntryKind.AUDIT) if "calls itself" in what]
    assert 0 < len(noted) <= WORDS_MAX


async def test_no_moment_of_the_wall_clock_decides_about_a_greeting(parts: Bench) -> None:
    host = await fresh(parts)
    for epoch, moment in enumerate((NOW, -86_400, 86_400), 1):
        parts.clock.set_by(moment)
        assert await says(parts, host, epoch=epoch - 1) == epoch


async def test_a_command_that_we_never_heard_of_means_an_older_database_and_does_so_once(
    parts: Bench,
) -> None:
    """A backup of within one life of the server: no epoch and no number is newer."""
    host = await fresh(parts)
    await parts.report(host, seen(vm(1)))
    ours = (await parts.requests.adopt(vm(1), actor="ann")).command
    assert ours is not None
    forgotten = CommandId(UUID(int=99))
    assert await says(parts, host, commands=(ours,)) == 1
    assert (await fleet(parts)).quarantine is None
    assert await says(parts, host, commands=(ours, forgotten)) == 2
    quarantine = (await fleet(parts)).quarantine
    assert quarantine is not None
    assert "1 commands" in quarantine.evidence[0]
    await left(parts, trusted=0)
    assert await says(parts, host, commands=(ours, forgotten)) == 3
    assert (await fleet(parts)).quarantine is None, "it is known now"


@pytest.mark.parametrize(("told", "quarantined"), [(0, False), (700, False), (701, True)])
async def test_what_is_from_before_a_quarantine_that_was_left_is_no_news(
    parts: Bench, told: int, *, quarantined: bool
) -> None:
    """A host that was switched off all the while: no number of after it has reached it."""
    host = await fresh(parts)
    await left(parts, trusted=700)
    assert await says(parts, host, epoch=9, intake=told, commands=(CommandId(UUID(int=99)),)) == 10
    assert ((await fleet(parts)).quarantine is not None) is quarantined


async def test_what_an_agent_was_told_is_compared_with_what_was_given(parts: Bench) -> None:
    """A start takes a block of numbers before anybody greets; none of them was given yet."""
    host = await fresh(parts)
    before = (await fleet(parts)).intake
    await parts.context.intakes.reserve()
    assert await says(parts, host, intake=before) == 1
    assert (await fleet(parts)).quarantine is None
    assert await says(parts, host, epoch=1, intake=before + 1) == 2
    assert (await fleet(parts)).quarantine is not None


async def test_impossible_numbers_make_no_claim_and_end_with_a_new_journal(parts: Bench) -> None:
    host = await fresh(parts)
    assert await says(parts, host) == 1
    other = msgspec.structs.replace(FACTS, uuid=OTHER)
    assert await says(parts, host, other) == 0
    assert await says(parts, host, epoch=2**60) == 0
    now = await parts.now(host)
    assert now.claims is None, "who it is is in no doubt"
    assert f"{host.id}.journal" in now.trouble
    assert await says(parts, host, epoch=2**40) == 2**40 + 1
    assert await says(parts, host, epoch=2**40 + 1) == 2**40 + 2, "what follows is possible"


async def test_an_acceptance_ends_when_the_host_that_it_was_is_back(parts: Bench) -> None:
    host = await fresh(parts)
    await says(parts, host)
    changed = msgspec.structs.replace(FACTS, uuid=OTHER)
    await parts.change(await parts.now(host), accepted=OTHER)
    assert await says(parts, host) == 2
    assert await says(parts, host, changed) == 0
    assert greeted(parts)["refused"] == 1
    await parts.change(await parts.now(host), accepted=OTHER)
    assert await says(parts, host, changed) == 3
    assert (await parts.now(host)).accepted == OTHER, "used, and it lasts"


async def left(parts: Bench, trusted: int) -> None:
    """A person has left a quarantine at this number."""
    before = await fleet(parts)
    after = msgspec.structs.replace(before, quarantine=None, trusted=trusted)
    assert await parts.store.commit([Changes(writes=(Write(before=before, after=after),))]) == [""]
    parts.context.fleet = await fleet(parts)
