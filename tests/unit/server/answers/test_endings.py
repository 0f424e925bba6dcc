"""Why a VM was stopped: the newest end in the journal counts, and nothing before a start."""

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.host import Host
from vmuster.model.states import OperationKind, PowerReason
from vmuster.server.answers.endings import has_ended, why_ended
from vmuster.server.answers.remembering import past_of
from vmuster.server.answers.story import Link
from vmuster.server.answers.views import explanation

pytestmark = pytest.mark.anyio


async def show(parts: Bench, host: Host, reason: PowerReason | None = None) -> None:
    """Its host shows it stopped, for this reason; or running."""
    mark = parts.mark(vm(1))
    off = seen(vm(1), power=STOPPED, reason=reason or PowerReason.UNKNOWN, mark=mark)
    await parts.report(host, seen(vm(1), mark=mark) if reason is None else off)


async def ask(parts: Bench, host: Host, kind: OperationKind) -> None:
    await parts.requests.power(kind, vm(1), actor="bert")
    await parts.report(host, *(await parts.shown(host)))
    await parts.answer((await parts.sent(vm(1)))[-1].id, host)


async def why(parts: Bench) -> list[Link]:
    known = await explanation(parts.store, parts.clock.now(), vm(1), limit=100)
    assert has_ended(known.vms)
    return list(why_ended(await past_of(parts.store, known), known.vms))


async def test_the_last_end_counts(parts: Bench) -> None:
    """We stopped it, it was started, and then somebody else stopped it: that is the answer."""
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await ask(parts, host, OperationKind.STOP)
    await show(parts, host, PowerReason.GUEST)
    assert (await why(parts))[0].what == "bert asked to stop it"
    await ask(parts, host, OperationKind.START)
    await show(parts, host)
    await show(parts, host, PowerReason.HAND)
    assert (await why(parts))[0].what == "not by vmuster: it sent no command for it"


async def test_a_stop_before_a_start_by_hand_is_no_answer(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await ask(parts, host, OperationKind.STOP)
    await show(parts, host, PowerReason.GUEST)
    await show(parts, host)
    await show(parts, host, PowerReason.UNKNOWN)
    answer, *_ = await why(parts)
    assert answer.what.startswith("not by vmuster")


async def test_what_the_hypervisor_says_otherwise_is_told(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await ask(parts, host, OperationKind.STOP)
    await show(parts, host, PowerReason.GUEST)
    assert "reason" not in [link.kind.value for link in await why(parts)]
    await show(parts, host, PowerReason.SAVED)
    assert (await why(parts))[-1].what.startswith("alpha says: its memory was saved to disk")


async def test_what_runs_has_not_ended(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    assert not has_ended((await explanation(parts.store, 1.0, vm(1), limit=1)).vms)
