"""Nothing is done on a sighting's word: the mark under every act is verified by its signature."""

import msgspec
import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.changes import Changes
from vmuster.model.commands import StartVm, StopVm
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.states import (
    DesiredState,
    MarkVerdict,
    OperationKind,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.vm import VmObservation
from vmuster.server.answers.preview import preview
from vmuster.server.passes import judge
from vmuster.server.passes.judge import MarkJudge

pytestmark = pytest.mark.anyio

WISHES = [(PowerState.RUNNING, DesiredState.STOPPED), (STOPPED, DesiredState.RUNNING)]


def forged(mark: RawMark) -> RawMark:
    return msgspec.structs.replace(mark, signature="00" * 64)


async def adrift(
    parts: Bench, power: PowerState, desired: DesiredState, *, number: int = 1
) -> tuple[Host, VmObservation]:
    """A VM of ours that is not as it should be, as automation would put it right."""
    await parts.policy(drift="enforce")
    host = await parts.host()
    await parts.adopted(host, vm(number), power=power)
    phase = VmPhase.RUNNING if power is PowerState.RUNNING else VmPhase.STOPPED
    record = await parts.record(vm(number))
    await parts.change(record, desired=desired, phase=phase, power=power)
    (shown,) = await parts.shown(host)
    return host, shown


async def vouched_for(parts: Bench, host: Host, number: int = 1) -> VmObservation:
    """A forged mark on a VM, and a sighting in the database that says that it is a good one."""
    before = await parts.sighting(host, vm(number))
    assert before.raw_mark is not None
    row = msgspec.structs.replace(
        before, raw_mark=forged(before.raw_mark), mark=MarkVerdict.OURS, standing=Standing.OWNED
    )
    assert await parts.store.commit([Changes(sightings=(row,))]) == [""]
    return seen(vm(number), power=before.power, mark=row.raw_mark)


async def acts(parts: Bench, of: VmUuid) -> list[type]:
    sent = [type(row.command) for row in await parts.sent(of)]
    return [each for each in sent if each in (StartVm, StopVm)]


@pytest.mark.parametrize(("power", "desired"), WISHES)
async def test_a_mark_that_a_sighting_vouches_for_is_verified_before_an_act(
    parts: Bench, power: PowerState, desired: DesiredState
) -> None:
    host, _ = await adrift(parts, power, desired)
    shown = await vouched_for(parts, host)
    assert await parts.report(host, shown) == ""
    assert await acts(parts, vm(1)) == []
    after = await parts.sighting(host, vm(1))
    assert (after.mark, after.standing) == (MarkVerdict.FORGED, Standing.UNPROVEN)


@pytest.mark.parametrize(("power", "desired"), WISHES)
async def test_under_a_good_mark_the_act_is_done(
    parts: Bench, power: PowerState, desired: DesiredState
) -> None:
    host, shown = await adrift(parts, power, desired)
    assert await parts.report(host, shown) == ""
    assert len(await acts(parts, vm(1))) == 1


async def test_a_persons_request_rests_on_no_sighting_either(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    for mark in await parts.sent(vm(1)):
        await parts.answer(mark.id, host)
    shown = await vouched_for(parts, host)
    await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    assert await parts.report(host, shown) == ""
    assert await acts(parts, vm(1)) == []


async def test_what_waits_for_a_persons_word_is_verified_too(parts: Bench) -> None:
    """Nobody reads a plan of acts that no approval would bring about."""
    await parts.policy(stops_per_pass_max=0)
    host, _ = await adrift(parts, *WISHES[0])
    shown = await vouched_for(parts, host)
    assert await parts.report(host, shown) == ""
    assert (await parts.sighting(host, vm(1))).standing is Standing.UNPROVEN


async def test_a_forged_mark_takes_nothing_of_a_budget(parts: Bench) -> None:
    """Two would be over it, and held; without the first the second is not."""
    await parts.policy(drift="enforce", stops_per_pass_max=1)
    host = await parts.host()
    await parts.adopted(host, vm(1), vm(2))
    for number in (1, 2):
        await parts.change(await parts.record(vm(number)), desired=DesiredState.STOPPED)
    shown = await parts.shown(host)
    shown[0] = await vouched_for(parts, host)
    assert await parts.report(host, *shown) == ""
    assert [await acts(parts, vm(number)) for number in (1, 2)] == [[], [StopVm]]


async def test_where_nothing_is_done_no_signature_is_checked(
    parts: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, shown = await adrift(parts, *WISHES[0])
    await parts.policy(drift="record")
    parts.context.judge = MarkJudge(parts.context.fleet)
    monkeypatch.setattr(judge, "judge_mark", _nobody_asks)
    assert await parts.report(host, shown) == ""
    assert (await parts.sighting(host, vm(1))).standing is Standing.OWNED
    await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    with pytest.raises(AssertionError, match="asked"):
        await parts.report(host, shown)


def _nobody_asks(*_: object) -> None:
    raise AssertionError("a signature was asked about")


async def test_a_preview_foretells_no_act_that_the_pass_would_not_do(parts: Bench) -> None:
    host, _ = await adrift(parts, *WISHES[0])
    await vouched_for(parts, host)
    foretold = await preview(parts.context, await parts.now(host), settings={}, mode=None)
    assert [item for item in foretold.items if item.act or item.withheld] == []
