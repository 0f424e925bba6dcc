"""Answers to questions: every VM once for each host that shows it, and a VM's whole history."""

import pytest

from tests.servers import Bench, seen, vm
from vmuster.model.errors import Refused
from vmuster.model.journal import EntryKind
from vmuster.model.states import OperationKind, Standing, VmPhase
from vmuster.ports.store import VmQuery
from vmuster.server.answers.views import EVERY, explanation, journal, vm_page, vms

pytestmark = pytest.mark.anyio


async def test_strangers_and_our_own_are_listed_by_name(parts: Bench) -> None:
    beta, alpha = await parts.host("beta"), await parts.host("alpha")
    await parts.report(beta, seen(vm(3), "b"), seen(vm(2), "a"))
    await parts.adopted(alpha, vm(1))
    listed = await vms(parts.store, parts.clock.now())
    assert [(v.host, v.name) for v in listed] == [("beta", "a"), ("beta", "b"), ("alpha", "vm-1")]
    stranger, _, ours = listed
    assert (ours.standing, ours.phase) == (Standing.OWNED, VmPhase.RUNNING)
    assert (stranger.standing, stranger.phase, stranger.desired) == (Standing.ALIEN, None, None)


async def test_our_name_stands_before_the_one_on_the_host(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), "web"))
    await parts.requests.adopt(vm(1), actor="ann", name="shop")
    await parts.report(host, seen(vm(1), "web", mark=parts.mark(vm(1))))
    (view,) = await vms(parts.store, parts.clock.now())
    assert (view.name, view.label) == ("shop", "web")


async def test_the_age_of_what_is_shown_is_told(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    parts.clock.pass_by(90)
    (view,) = await vms(parts.store, parts.clock.now())
    assert view.age_seconds == 90
    await parts.report(host, seen(vm(1)))
    (view,) = await vms(parts.store, parts.clock.now())
    assert view.age_seconds == 0


async def test_a_live_record_that_no_host_shows_is_listed(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    for _ in range(3):
        await parts.report(host, seen(vm(2)), absent=(vm(1),))
    assert (await parts.record(vm(1))).phase is VmPhase.MISSING
    views = await vms(parts.store, parts.clock.now(), VmQuery(uuid=vm(1)))
    assert [(v.host, v.standing, v.phase) for v in views] == [("alpha", None, VmPhase.MISSING)]
    assert views[0].finding == "missing"


async def test_a_tombstone_is_not_listed(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await parts.report(host, seen(vm(2)))
    await parts.change(await parts.record(vm(1)), removed_at=5.0)
    assert [v.uuid for v in await vms(parts.store, parts.clock.now())] == [vm(2)]


async def test_why_was_this_vm_stopped_is_answered_whole_newest_first(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    operation = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, *(await parts.shown(host)))
    found = await explanation(parts.store, parts.clock.now(), vm(1), limit=100)
    assert found.record == await parts.record(vm(1))
    assert [s.host for s in found.sightings] == [host.id]
    assert {o.kind for o in found.operations} == {OperationKind.ADOPT, OperationKind.STOP}
    assert len(found.commands) == 2
    kinds = [entry.kind for entry in found.journal]
    assert EntryKind.REQUEST in kinds
    command = next(entry for entry in found.journal if entry.kind is EntryKind.COMMAND)
    assert (command.operation, command.actor) == (operation.id, "ann")
    ids = [entry.id for entry in found.journal]
    assert ids == sorted(ids, reverse=True)
    brief = await explanation(parts.store, parts.clock.now(), vm(1), limit=1)
    assert len(brief.journal) == len(brief.commands) == len(brief.operations) == 1


async def test_the_journal_is_told_of_all_or_of_one(parts: Bench) -> None:
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.report(alpha, seen(vm(1)))
    await parts.report(beta, seen(vm(2)))
    everything = await journal(parts.store, limit=100)
    of_vm = await journal(parts.store, limit=100, vm=vm(1))
    of_host = await journal(parts.store, limit=100, host=beta.id)
    assert {entry.vm for entry in of_vm} == {vm(1)}
    assert {entry.host for entry in of_host} == {beta.id}
    assert len(everything) > len(of_vm) + len(of_host)
    assert await journal(parts.store, limit=1) == everything[:1]


async def test_a_refused_request_leaves_no_trace_in_the_history(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    before = await explanation(parts.store, parts.clock.now(), vm(1), limit=100)
    with pytest.raises(Refused):
        await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    assert await explanation(parts.store, parts.clock.now(), vm(1), limit=100) == before


async def test_a_page_ends_where_the_next_begins(parts: Bench) -> None:
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.report(alpha, *(seen(vm(n), f"a{n}") for n in range(3)))
    await parts.report(beta, seen(vm(7), "a1"))
    now, everything = parts.clock.now(), await vms(parts.store, parts.clock.now())
    found, last = await vm_page(parts.store, now, EVERY, limit=2)
    assert last == ("a1", vm(1), alpha.id)
    more, end = await vm_page(parts.store, now, EVERY, after=last, limit=2)
    assert (found + more, end) == (everything, None)
    assert [view.host for view in everything] == ["alpha", "alpha", "beta", "alpha"]


async def test_the_journal_goes_back_to_a_moment(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    parts.clock.pass_by(60)
    await parts.report(host, seen(vm(1)), seen(vm(2)))
    everything = await journal(parts.store, limit=100)
    late = await journal(parts.store, limit=100, since=parts.clock.now())
    assert late
    assert late == everything[: len(late)]
    assert {entry.at for entry in late} == {parts.clock.now()}
    newest = everything[0]
    assert await journal(parts.store, limit=100, after=(newest.id,)) == everything[1:]
    chosen = await journal(parts.store, limit=100, kind=frozenset({newest.kind}))
    assert chosen == [entry for entry in everything if entry.kind is newest.kind]
