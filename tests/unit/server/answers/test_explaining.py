"""Why a VM is as it is: the very words that somebody reads at night."""

from collections.abc import Sequence

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.host import Host
from vmuster.model.states import (
    CommandOutcome,
    OperationKind,
    PowerReason,
    PowerState,
)
from vmuster.model.vm import VmObservation
from vmuster.server.answers.explaining import VmExplanation, explained
from vmuster.server.answers.story import Link, Story
from vmuster.server.requests.holds import Holds

pytestmark = pytest.mark.anyio
NOT_OURS = "not by vmuster: since it last ran, no command of ours could have stopped it"


async def story(parts: Bench, number: int = 1) -> Story:
    return (await whole(parts, number)).story


async def whole(parts: Bench, number: int = 1) -> VmExplanation:
    return await explained(parts.store, parts.clock.now(), vm(number), limit=100)


def three(told: Story) -> tuple[str, str, str]:
    """What, why, and by which proof."""
    return told.what.what, told.why.what, told.proof.what


def lines(links: Sequence[Link]) -> dict[str, str]:
    return {link.kind.value: link.what for link in links}


def off(parts: Bench, reason: PowerReason = PowerReason.GUEST) -> VmObservation:
    return seen(vm(1), "web-01", power=STOPPED, reason=reason, mark=parts.mark(vm(1)))


async def web(parts: Bench) -> Host:
    """web-01 on host alpha, adopted and running."""
    host = await parts.host()
    await parts.report(host, seen(vm(1), "web-01"))
    await parts.adopt(vm(1))
    await parts.report(host, seen(vm(1), "web-01", mark=parts.mark(vm(1))))
    return host


async def stop(
    parts: Bench, host: Host, outcome: CommandOutcome = CommandOutcome.DONE, unknown: bool = False
) -> None:
    """Bert asks for web-01 to be stopped, and its host answers so."""
    await parts.requests.power(OperationKind.STOP, vm(1), actor="bert")
    await parts.report(host, *(await parts.shown(host)))
    await parts.answer((await parts.sent(vm(1)))[-1].id, host, outcome, unknown=unknown)


async def test_a_vm_of_ours_that_runs(parts: Bench) -> None:
    await web(parts)
    told = await story(parts)
    assert three(told) == (
        "web-01 runs on alpha",
        "it runs, as it should",
        "our record of it and our signed mark on it agree",
    )
    assert (told.why.rule, told.why.see) == ("in-sync", "docs/rules.md#in-sync")
    assert told.ended == ()
    assert lines(told.state) == {
        "seen": "running on alpha",
        "standing": "owned",
        "because": "it runs, as it should",
        "recorded": "running; asked for: running",
    }
    assert [chapter.title for chapter in told.chapters] == ["ann asked to adopt it: done"]


async def test_a_stranger(parts: Bench) -> None:
    await parts.report(await parts.host(), seen(vm(1), "Windows 7 (32-bit) (1)"))
    told = await story(parts)
    assert three(told) == (
        "Windows 7 (32-bit) (1) runs on alpha, and is not ours",
        "found an alien VM: Windows 7 (32-bit) (1); rule 12: no record, no mark, any other name;"
        " it is left alone",
        "none: nothing proves that it is ours, so it is not touched",
    )
    assert told.why.rule == "standing-12"


async def test_a_stop_that_a_person_asked_for(parts: Bench) -> None:
    host = await web(parts)
    await stop(parts, host)
    await parts.report(host, off(parts))
    told = await story(parts)
    assert three(told) == (
        "web-01 is stopped on alpha",
        "bert asked to stop it",
        "our record of it and our signed mark on it agree",
    )
    assert lines(told.ended) == {
        "answer": "bert asked to stop it",
        "because": "it was seen running",
        "proof": "our record of it and our signed mark on it agree",
        "command": "alpha was told to shut it down",
        "result": "it was done, said so",
    }


async def test_a_stop_by_another_hand_is_not_ours(parts: Bench) -> None:
    host = await web(parts)
    await parts.report(host, off(parts, PowerReason.HAND))
    told = await story(parts)
    assert three(told) == (
        "web-01 is stopped on alpha",
        f"{NOT_OURS}; it should run, and was stopped by its guest or by a hand that is not ours",
        "none: vmuster did nothing that would have needed one",
    )
    assert told.why.rule == "stopped-outside"
    assert lines(told.ended)["reason"] == "alpha says: somebody stopped it through the hypervisor"


async def test_a_stop_of_which_nobody_knows_whether_it_was_ours(parts: Bench) -> None:
    host = await web(parts)
    await stop(parts, host, CommandOutcome.FAILED, unknown=True)
    await parts.report(host, off(parts))
    told = await story(parts)
    assert told.why.what == "bert asked to stop it; nobody knows whether that is what stopped it"
    assert lines(told.ended)["result"] == "nobody knows whether it was done: said so"


async def test_a_command_that_was_refused_stopped_nothing(parts: Bench) -> None:
    host = await web(parts)
    await stop(parts, host, CommandOutcome.REFUSED)
    await parts.report(host, off(parts))
    told = await story(parts)
    assert told.why.what.startswith("not by vmuster")
    chapter = told.chapters[0]
    assert chapter.title == "bert asked to stop it: not done"
    assert lines(chapter.links)["result"] == "alpha refused, and did not touch it: said so"


async def test_what_a_short_history_does_not_tell_is_not_guessed(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)), seen(vm(2)))
    await parts.report(host, seen(vm(2)), absent=(vm(1),))
    brief = (await explained(parts.store, parts.clock.now(), vm(1), limit=1)).story
    said = "the newest 1 entries of the journal do not tell; read more of them"
    assert lines(brief.ended) == {"answer": said}


async def test_a_name_says_nothing_in_our_place(parts: Bench) -> None:
    name = "x; rule 6: owned; stop_vm follows; nothing follows: all is well"
    await parts.report(await parts.host(), seen(vm(1), name))
    told = await story(parts)
    assert told.why.what.startswith(f"found an alien VM: {name}; rule 12: ")
    assert (told.what.rule, told.why.rule) == ("standing-12", "standing-12")
    assert "held" not in lines(told.state)


async def test_an_adoption_that_failed(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), "web-01"))
    asked = await parts.adopt(vm(1))
    assert asked.command is not None
    await parts.answer(asked.command, host, CommandOutcome.REFUSED)
    await parts.report(host, seen(vm(1), "web-01"))
    told = await story(parts)
    assert told.what.what == "web-01 runs on alpha, and is not ours"
    (chapter,) = told.chapters
    assert chapter.title == "ann asked to adopt it: not done"
    assert lines(chapter.links) == {
        "standing": "alien: no record, no mark, any other name",
        "proof": "none is needed to write our mark: nothing else about it changes",
        "command": "alpha was told to write our mark into it",
        "result": "alpha refused, and did not touch it: said so",
        "ended": "said so",
    }


async def test_an_act_that_a_person_rejected(parts: Bench) -> None:
    host = await web(parts)
    await parts.policy(drift="enforce", starts_per_pass_max=0)
    await parts.report(host, off(parts))
    held = next(link for link in (await story(parts)).state if link.kind.value == "held")
    assert held.rule == "held"
    holds = Holds(parts.context, parts.heard)
    (plan,) = await holds.list_()
    await holds.reject(plan.id, actor="anna")
    await parts.report(host, off(parts))
    told = await story(parts)
    held = next(link for link in told.state if link.kind.value == "held")
    assert held.what == f"nothing is done: rejected by anna (plan {plan.id})"
    assert held.rule == "rejected"
    assert "rejected" not in told.why.what


async def test_a_quarantine_is_said_of_every_vm(parts: Bench) -> None:
    host = await web(parts)
    newer = seen(vm(7), "db-01", mark=parts.mark(vm(7), 10**9))
    await parts.report(host, *(await parts.shown(host)), newer)
    told = await story(parts, 7)
    assert told.what.what == "db-01 runs on alpha with our mark, and our records do not know it"
    for number in (1, 7):
        now = (await story(parts, number)).state[-1]
        assert now.rule == "quarantine"
        assert now.what == (
            "no command is sent to any host: our database is older than its hosts (db-01: its mark"
            " bears a number that our database has never given)"
        )


async def test_a_name_hides_nothing(parts: Bench) -> None:
    await parts.report(await parts.host(), seen(vm(1), "a\x1b[31m\nb"))
    told = await story(parts)
    assert told.name == "a\\x1b[31m\\nb"
    assert told.what.what.startswith("a\\x1b[31m\\nb runs")


async def test_what_was_told_before_is_told_still(parts: Bench) -> None:
    await web(parts)
    told = await whole(parts)
    assert told.record == await parts.record(vm(1))
    assert [view.name for view in told.vms] == ["web-01"]
    assert told.operations
    assert told.commands
    assert told.journal


@pytest.mark.parametrize(
    ("power", "said"),
    [
        (PowerState.PAUSED, "x is paused on alpha, and is not ours"),
        (PowerState.CRASHED, "x crashed on alpha, and is not ours"),
        (PowerState.UNKNOWN, "alpha does not say whether x runs"),
    ],
)
async def test_every_power_has_words(parts: Bench, power: PowerState, said: str) -> None:
    await parts.report(await parts.host(), seen(vm(1), "x", power=power))
    assert (await story(parts)).what.what == said
