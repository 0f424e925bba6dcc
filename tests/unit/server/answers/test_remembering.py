"""Names of hosts, also of those that were removed."""

import pytest

from tests.servers import Bench, seen, vm
from vmuster.model.states import HostHealth
from vmuster.server.answers.remembering import names_of, past_of
from vmuster.server.answers.views import explanation
from vmuster.server.requests.removal import Removal

pytestmark = pytest.mark.anyio


async def test_a_host_is_called_as_it_is_or_was(parts: Bench) -> None:
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.change(await parts.now(alpha), health=HostHealth.UNREACHABLE)
    removal = Removal(parts.context, parts.heard, parts.requests)
    await removal.remove(await parts.now(alpha), forget=False, actor="anna")
    names = await names_of(parts.store, {alpha.id, beta.id, "h-ffffffffffff"})
    assert names == {alpha.id: "alpha", beta.id: "beta"}


async def test_every_host_in_the_past_has_its_name(parts: Bench) -> None:
    alpha = await parts.host("alpha")
    await parts.report(alpha, seen(vm(1)))
    known = await explanation(parts.store, parts.clock.now(), vm(1), limit=10)
    past = await past_of(parts.store, known)
    assert past.host(alpha.id) == "alpha"
    assert past.host("h-ffffffffffff") == "h-ffffffffffff"
    assert past.named(f"seen on {alpha.id}") == "seen on alpha"
