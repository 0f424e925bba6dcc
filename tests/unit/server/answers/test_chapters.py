"""How an act came about: what had been concluded before it, and who let it pass."""

import msgspec
import pytest

from tests.servers import Bench, seen, vm
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.answers.chapters import approval, chapter, conclusions, is_conclusion
from vmuster.server.answers.remembering import past_of
from vmuster.server.answers.views import explanation

pytestmark = pytest.mark.anyio
ENTRY = JournalEntry(at=1.0, kind=EntryKind.COMMAND, actor="vmuster", what="w")


async def test_the_standing_is_the_one_before_the_act(parts: Bench) -> None:
    await parts.adopted(await parts.host(), vm(1))
    known = await explanation(parts.store, parts.clock.now(), vm(1), limit=100)
    past = await past_of(parts.store, known)
    links = chapter(past, past.operations[0]).links
    standing = next(link for link in links if link.kind.value == "standing")
    assert (standing.what, standing.rule) == (
        *("alien: no record, no mark, any other name", "standing-12"),
    )


async def test_conclusions_are_told_newest_first_with_their_hosts(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), "web"))
    await parts.adopt(vm(1))
    await parts.report(host, seen(vm(1), "web", mark=parts.mark(vm(1))))
    known = await explanation(parts.store, parts.clock.now(), vm(1), limit=100)
    told = list(conclusions(await past_of(parts.store, known)))
    assert [link.rule for link in told] == ["in-sync", "standing-12"]
    assert {link.who for link in told} == {"alpha"}


async def test_an_act_without_a_command_says_so(parts: Bench) -> None:
    await parts.adopted(await parts.host(), vm(1))
    known = await explanation(parts.store, parts.clock.now(), vm(1), limit=100)
    past = msgspec.structs.replace(await past_of(parts.store, known), commands=())
    assert chapter(past, past.operations[0]).links[0].what == "none was sent"


def test_who_approved_is_named() -> None:
    approved = msgspec.structs.replace(ENTRY, evidence={"approved": {"by": "anna", "plan": "p"}})
    (link,) = approval(approved)
    assert link.what == "anna approved it, for it was more than may happen by itself"
    assert (link.evidence, link.rule) == ({"plan": "p"}, "held")
    assert list(approval(ENTRY)) == []


def test_a_conclusion_is_a_decision_or_an_alert_with_a_finding() -> None:
    told = msgspec.structs.replace(ENTRY, kind=EntryKind.ALERT, evidence={"finding": "alien"})
    assert is_conclusion(told)
    assert not is_conclusion(msgspec.structs.replace(told, kind=EntryKind.RESULT))
    assert not is_conclusion(msgspec.structs.replace(told, evidence={"generation": 3}))
