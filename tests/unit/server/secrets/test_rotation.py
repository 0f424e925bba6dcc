"""A new key signs, the old ones stay good, and agents know the new one before they meet it."""

import pytest

from tests.outside import HandRing
from tests.pasts import owned
from tests.servers import Bench, Heard, seen, vm
from vmuster.model.errors import Refused
from vmuster.model.host import Fleet, grant_bytes
from vmuster.model.ids import HostId
from vmuster.model.mark import parse_mark
from vmuster.model.states import Standing
from vmuster.server.secrets.rotation import rotate

pytestmark = pytest.mark.anyio


def ring_of(parts: Bench) -> HandRing:
    ring = HandRing()
    ring.signer = parts.context.signer
    return ring


async def test_the_new_key_signs_and_the_old_marks_stay_good(parts: Bench) -> None:
    host = await owned(parts)
    old_mark, old = parts.mark(vm(1)), parts.context.signer
    ring = ring_of(parts)
    fleet = await rotate(parts.context, ring, parts.heard, actor="ann")
    assert fleet == parts.context.fleet == await parts.store.get(Fleet)
    assert fleet.key == parts.context.signer.key == ring.signer.key != old.key
    assert set(fleet.public_keys.values()) == {old.public, ring.signer.public}
    await parts.report(host, seen(vm(1), mark=old_mark))
    assert (await parts.sighting(host, vm(1))).standing is Standing.OWNED
    await parts.adopted(host, vm(2))
    new_mark = parse_mark(parts.mark(vm(2)))
    assert new_mark is not None
    assert new_mark.key == fleet.key
    assert (await parts.sighting(host, vm(2))).standing is Standing.OWNED
    assert any("signing key" in entry.what for entry in await parts.journal())


async def test_a_leave_that_was_signed_before_stays_one(parts: Bench) -> None:
    await parts.policy(unknown_vms="stop-by-name")
    await rotate(parts.context, ring_of(parts), parts.heard, actor="ann")
    grant = (await parts.cluster()).grant
    assert grant is not None
    assert str(grant.key) in parts.context.fleet.public_keys
    assert grant_bytes(grant)


async def test_agents_are_told_before_anything_is_signed(parts: Bench) -> None:
    host, old = await parts.host(), parts.context.signer
    told: list[tuple[HostId, bool, bool]] = []

    class Attentive(Heard):
        def settings_changed(self, host: HostId) -> None:
            context = parts.context
            told.append((host, context.fleet.key != old.key, context.signer is old))

    await rotate(parts.context, ring_of(parts), Attentive(), actor="ann")
    assert told == [(host.id, True, True)]


async def test_in_quarantine_no_key_is_changed(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1), 99)))
    assert parts.context.fleet.quarantine is not None
    ring = ring_of(parts)
    with pytest.raises(Refused, match="quarantine"):
        await rotate(parts.context, ring, parts.heard, actor="ann")
    assert ring.staged is None
