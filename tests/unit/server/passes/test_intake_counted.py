"""What monitoring is told of passes: what became of each, and how long it took."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.servers import Bench, bench, seen, vm
from vmuster.model.errors import Unavailable
from vmuster.model.host import Host
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, DesiredState, PowerState, VmPhase
from vmuster.ports.store import HostAsked, HostRows
from vmuster.server.figures.catalogue import PASS_SECONDS, PASSES
from vmuster.server.passes.intake import take_in
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Broken(MemoryStore):
    """A store that can't be read while it is `broken`."""

    broken = False

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        if self.broken:
            raise Unavailable("the database does not answer")
        return await super().load_hosts(asked, since)


def counted(parts: Bench) -> dict[str, float]:
    return {each: n for (each,), n in parts.context.figures.sums(PASSES, ()).items() if n}


async def test_a_report_that_is_applied_is_taken(parts: Bench) -> None:
    await parts.report(await parts.host(), seen(vm(1)))
    assert counted(parts) == {"taken": 1}


async def test_a_report_that_is_not_believed_is_refused(parts: Bench) -> None:
    host = await parts.host()
    late = HostReport(
        host=host.id,
        epoch=0,
        sequence=1,
        boot_id="",
        completeness=Completeness.COMPLETE,
        vms=(),
    )
    assert await take_in(parts.context, parts.heard, late)
    assert counted(parts) == {"refused": 1}


async def test_a_plan_over_its_budget_is_held(parts: Bench) -> None:
    await parts.policy(drift="enforce", stops_per_pass_max=0)
    host = await parts.host()
    await parts.adopted(host, vm(1))
    before = counted(parts)
    record = await parts.record(vm(1))
    stopped = {"phase": VmPhase.STOPPED, "power": PowerState.STOPPED}
    await parts.change(record, desired=DesiredState.STOPPED, **stopped)
    await parts.report(host, *await parts.shown(host))
    assert counted(parts) == before | {"held": 1}


async def test_where_somebody_wrote_in_between_it_is_stale(
    parts: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = await parts.host()

    async def refused(_changes: Any) -> list[str]:
        return ["the host was written in between"]

    monkeypatch.setattr(parts.context.store, "commit", refused)
    await parts.report(host, seen(vm(1)))
    assert counted(parts) == {"stale": 1}


async def test_an_error_is_a_pass_that_failed() -> None:
    store = Broken()
    parts = await bench(store)
    host: Host = await parts.host()
    store.broken = True
    with pytest.raises(Unavailable):
        await parts.report(host, seen(vm(1)))
    assert counted(parts) == {"failed": 1}


async def test_how_long_it_took_is_told(parts: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    host, commit = await parts.host(), parts.context.store.commit

    async def slow(changes: Any) -> list[str]:
        parts.clock.pass_by(3)
        return await commit(changes)

    monkeypatch.setattr(parts.context.store, "commit", slow)
    await parts.report(host, seen(vm(1)))
    (told,) = parts.context.figures.histograms(PASS_SECONDS).values()
    assert (told.total, told.buckets[-1]) == (3, ("+Inf", 1))
