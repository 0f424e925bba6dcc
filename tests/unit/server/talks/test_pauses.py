"""An automatic stop that fails is tried again, later each time; a person is told once."""

from collections.abc import Awaitable, Callable

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.host import Host
from vmuster.model.ids import CommandId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import PAUSE_SECONDS_MAX, Operation
from vmuster.model.states import CommandOutcome, OperationKind, OperationState
from vmuster.server.talks.pauses import FAILED_PAUSE

pytestmark = pytest.mark.anyio
DONE, REFUSED, FAILED = CommandOutcome.DONE, CommandOutcome.REFUSED, CommandOutcome.FAILED
PATIENCE = 400.0
SHOWN_AGAIN = 30.0


async def unwanted(parts: Bench, **policy: object) -> Host:
    """A host on which VM 1 should be off."""
    host = await parts.host()
    await parts.adopted(host, vm(1), power=STOPPED)
    settings = {"operation_seconds": PATIENCE - 100.0, "stop_grace_seconds": 100.0} | policy
    await parts.policy(drift="enforce", **settings)
    return host


async def ordered(parts: Bench, host: Host) -> Operation:
    """The automatic stop of VM 1, seen running, whose command has just been sent."""
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    (open_,) = [each for each in await parts.store.find(Operation, vm=vm(1)) if each.open]
    assert open_.automatic
    return open_


async def failed(
    parts: Bench, host: Host, outcome: CommandOutcome = FAILED, *, unknown: bool = False
) -> Operation:
    """The same, answered."""
    wish = await ordered(parts, host)
    await parts.answer(order(wish), host, outcome, unknown=unknown)
    return await parts.operation(wish)


def order(wish: Operation) -> CommandId:
    assert wish.command is not None
    return wish.command


def rest(parts: Bench, wish: Operation) -> float:
    return wish.deadline_at - parts.clock.now()


async def over(parts: Bench, host: Host, wish: Operation) -> None:
    """The pause passes, and the next look ends it."""
    parts.clock.pass_by(rest(parts, wish) + 1)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    assert (await parts.operation(wish)).state is OperationState.FAILED
    parts.clock.pass_by(SHOWN_AGAIN)


async def alerts(parts: Bench) -> list[JournalEntry]:
    return [e for e in await parts.journal(vm(1)) if e.rule == FAILED_PAUSE]


async def test_each_pause_is_twice_as_long_as_the_last_and_none_longer_than_an_hour(
    parts: Bench,
) -> None:
    host = await unwanted(parts)
    pauses: list[float] = []
    for _ in range(6):
        wish = await failed(parts, host)
        assert wish.open
        pauses.append(rest(parts, wish))
        await over(parts, host, wish)
    assert pauses == [400.0, 800.0, 1600.0, 3200.0, 3600.0, 3600.0]


async def test_while_it_pauses_nothing_is_sent_and_the_next_look_after_it_tries_again(
    parts: Bench,
) -> None:
    host = await unwanted(parts)
    wish = await failed(parts, host)
    before = len(await parts.sent(vm(1)))
    parts.clock.pass_by(PATIENCE - 1)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    assert (await parts.operation(wish)).open
    assert len(await parts.sent(vm(1))) == before
    await over(parts, host, wish)
    assert (await ordered(parts, host)).id != wish.id


async def test_the_first_of_a_row_is_an_alert_in_words_and_the_others_are_none(
    parts: Bench,
) -> None:
    host = await unwanted(parts)
    for _ in range(2):
        await over(parts, host, await failed(parts, host))
    third = await failed(parts, host)
    (said,) = await alerts(parts)
    assert said.kind is EntryKind.ALERT
    assert said.what == (
        "stop of vm-1 failed: said so; it is tried again after 7 minutes, and later each time that"
        " it fails again"
    )
    assert third.message == "failed: said so; it is tried again after 27 minutes"


async def test_a_name_in_the_alert_is_shown_safely(parts: Bench) -> None:
    host = await unwanted(parts)
    wish = await ordered(parts, host)
    await parts.change(wish, name="a\x1b[31m")
    await parts.answer(order(wish), host, FAILED)
    (said,) = await alerts(parts)
    assert r"stop of a\x1b[31m failed" in said.what


@pytest.mark.parametrize(("outcome", "unknown"), [(REFUSED, False), (FAILED, True), (DONE, False)])
async def test_what_did_not_fail_for_certain_keeps_its_time(
    parts: Bench, outcome: CommandOutcome, *, unknown: bool
) -> None:
    host = await unwanted(parts)
    before = await ordered(parts, host)
    parts.clock.pass_by(10)
    await parts.answer(order(before), host, outcome, unknown=unknown)
    after = await parts.operation(before)
    assert after.deadline_at <= before.deadline_at
    assert not after.pauses
    assert await alerts(parts) == []


async def test_what_failed_once_its_time_was_over_has_no_pause(parts: Bench) -> None:
    """It was never sent, for all that is known."""
    host = await unwanted(parts)
    before = await ordered(parts, host)
    parts.clock.pass_by(PATIENCE)
    await parts.answer(order(before), host, FAILED)
    assert (await parts.operation(before)).deadline_at == before.deadline_at
    assert await alerts(parts) == []


async def test_a_persons_request_pauses_not(parts: Bench) -> None:
    host = await unwanted(parts)
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    asked = await parts.requests.power(OperationKind.START, vm(1), actor="ann")
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    await parts.answer(order(await parts.operation(asked)), host, FAILED)
    assert not (await parts.operation(asked)).open
    assert await alerts(parts) == []


async def test_a_start_has_the_pace_of_its_record_and_no_other(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await parts.policy(drift="enforce", restart="always")
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    (wish,) = [each for each in await parts.store.find(Operation, vm=vm(1)) if each.open]
    assert (wish.kind, wish.automatic) == (OperationKind.START, True)
    record = await parts.record(vm(1))
    assert record.restart_tries == 1
    parts.clock.pass_by(10)
    await parts.answer(order(wish), host, FAILED)
    after = await parts.operation(wish)
    assert (after.deadline_at, after.pauses) == (wish.deadline_at, False)
    assert await parts.record(vm(1)) == record
    assert await alerts(parts) == []


async def person(parts: Bench, host: Host) -> None:
    """A person stops it, and somebody starts it again."""
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    assert (await parts.operation(asked)).state is OperationState.DONE


async def done(parts: Bench, host: Host) -> None:
    """The next try is done, and somebody starts it again."""
    wish = await ordered(parts, host)
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    assert (await parts.operation(wish)).state is OperationState.DONE


async def refused(parts: Bench, host: Host) -> None:
    await over(parts, host, await failed(parts, host, REFUSED))


async def long_ago(parts: Bench, host: Host) -> None:
    parts.clock.pass_by(PAUSE_SECONDS_MAX)


@pytest.mark.parametrize("between", [person, done, refused, long_ago])
async def test_whatever_comes_between_begins_a_new_row(
    parts: Bench, between: Callable[[Bench, Host], Awaitable[None]]
) -> None:
    host = await unwanted(parts)
    await over(parts, host, await failed(parts, host))
    await between(parts, host)
    assert rest(parts, await failed(parts, host)) == PATIENCE
    assert len(await alerts(parts)) == 2


async def test_a_row_goes_on_for_as_long_as_a_look_may_be_late(parts: Bench) -> None:
    host = await unwanted(parts)
    await over(parts, host, await failed(parts, host))
    parts.clock.pass_by(PAUSE_SECONDS_MAX - SHOWN_AGAIN - 1)
    assert rest(parts, await failed(parts, host)) == 2 * PATIENCE


async def test_the_shortest_patience_comes_to_an_hour_too(parts: Bench) -> None:
    host = await unwanted(parts, operation_seconds=0.1, stop_grace_seconds=0.0)
    pauses: list[float] = []
    for _ in range(18):
        wish = await failed(parts, host)
        pauses.append(rest(parts, wish))
        await over(parts, host, wish)
    assert pauses[-2:] == [PAUSE_SECONDS_MAX, PAUSE_SECONDS_MAX]
    assert sorted(pauses) == pauses


async def test_a_long_patience_is_shortened_to_an_hour(parts: Bench) -> None:
    host = await unwanted(parts, operation_seconds=86_400.0)
    assert rest(parts, await failed(parts, host)) == PAUSE_SECONDS_MAX


async def test_a_persons_request_takes_the_place_of_a_pause(parts: Bench) -> None:
    host = await unwanted(parts)
    wish = await failed(parts, host)
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann", force=True)
    ended = await parts.operation(wish)
    assert (ended.state, ended.message) == (
        OperationState.FAILED,
        "ann asked for something else",
    )
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    assert (await parts.operation(asked)).state is OperationState.RUNNING
