"""Which thing an id means."""

from uuid import UUID

import pytest

from tests.servers import Bench, seen, vm
from vmuster.model.errors import NotFound, Refused
from vmuster.model.ids import VmUuid
from vmuster.server.answers.meant import meant, plan_entry
from vmuster.server.answers.story import About

pytestmark = pytest.mark.anyio
WEB = VmUuid(UUID("5f0c2ab1-0000-4000-8000-000000000001"))
TWIN = VmUuid(UUID("5f0c2ab1-0000-4000-8000-000000000002"))


async def test_an_id_is_whole_or_a_beginning(parts: Bench) -> None:
    await parts.adopted(await parts.host(), WEB)
    (sent,) = await parts.sent(WEB)
    for about, id_ in (
        (About.VM, WEB),
        (About.COMMAND, sent.id),
        (About.OPERATION, sent.command.operation),
    ):
        found = await meant(parts.store, str(id_))
        assert (found.about, found.uuid) == (about, id_)
    assert (await meant(parts.store, "5F0C2AB1")).uuid == WEB
    assert (await meant(parts.store, str(WEB).upper())).uuid == WEB


async def test_a_vm_that_is_gone_is_known_by_the_journal(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(WEB), seen(vm(2)))
    await parts.report(host, seen(vm(2)), absent=(WEB,))
    for reference in (str(WEB), "5f0c2ab1"):
        assert (await meant(parts.store, reference)).uuid == WEB


async def test_a_beginning_of_two_is_refused_with_both(parts: Bench) -> None:
    await parts.report(await parts.host(), seen(WEB), seen(TWIN))
    with pytest.raises(Refused) as refused:
        await meant(parts.store, "5f0c2ab1")
    assert str(WEB) in refused.value.hint
    assert str(TWIN) in refused.value.hint
    assert (await meant(parts.store, str(TWIN)[:36])).uuid == TWIN


@pytest.mark.parametrize("number", ["1", "#1"])
async def test_a_number_is_a_journal_entry(parts: Bench, number: str) -> None:
    await parts.report(await parts.host(), seen(WEB))
    found = await meant(parts.store, number)
    assert (found.about, found.id) == (About.ENTRY, "1")


@pytest.mark.parametrize(
    "nothing", ["", "5f0c2ab", "999999", "web-01", "٣", "5f0c2ab1\n", "%", str(vm(99))]
)
async def test_what_is_no_id_of_anything_is_not_found(parts: Bench, nothing: str) -> None:
    await parts.report(await parts.host(), seen(WEB, "web-01"))
    with pytest.raises(NotFound):
        await meant(parts.store, nothing)


async def test_a_plan_that_was_never_held_has_no_entry(parts: Bench) -> None:
    assert await plan_entry(parts.store, UUID(int=5)) is None
