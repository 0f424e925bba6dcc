"""A person accepts a host for whom it says it is: that one uuid, which was shown, and no other."""

from uuid import UUID

import pytest

from tests.servers import Bench
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.ids import HostId, HostUuid
from vmuster.server.requests.recognition import accept

pytestmark = pytest.mark.anyio
CLAIMED, OTHER = HostUuid(UUID(int=900)), HostUuid(UUID(int=901))


class Introductions:
    """Remembers whose conversation was begun anew."""

    def __init__(self) -> None:
        self.said: list[HostId] = []

    async def introduce(self, host: HostId) -> None:
        self.said.append(host)


async def claiming(parts: Bench, claimed: HostUuid | None = CLAIMED) -> Host:
    host = await parts.host()
    await parts.change(host, claims=claimed)
    return await parts.now(host)


async def test_what_was_shown_is_accepted_and_the_host_introduces_itself_again(
    parts: Bench,
) -> None:
    host, talks = await claiming(parts), Introductions()
    after = await accept(parts.context, talks, host, CLAIMED, actor="ann")
    assert (after.accepted, after.claims, after.uuid) == (CLAIMED, None, host.uuid)
    assert after == await parts.now(host)
    assert talks.said == [host.id]
    entry = (await parts.journal())[-1]
    assert (entry.actor, entry.host) == ("ann", host.id)
    assert str(CLAIMED) in entry.what


async def test_accepted_already_is_accepted(parts: Bench) -> None:
    host = await claiming(parts)
    first = await accept(parts.context, Introductions(), host, CLAIMED, actor="ann")
    journal = await parts.journal()
    again = await accept(parts.context, Introductions(), host, CLAIMED, actor="bert")
    assert (again, await parts.journal()) == (first, journal)


async def test_to_accept_it_again_leaves_no_claim(parts: Bench) -> None:
    host = await claiming(parts)
    await parts.change(host, accepted=CLAIMED)
    after = await accept(parts.context, Introductions(), host, CLAIMED, actor="ann")
    assert (after.accepted, after.claims) == (CLAIMED, None)


@pytest.mark.parametrize("claimed", [OTHER, None])
async def test_what_was_not_shown_is_refused(parts: Bench, claimed: HostUuid | None) -> None:
    host, talks = await claiming(parts, claimed), Introductions()
    with pytest.raises(Refused, match="does not say") as refusal:
        await accept(parts.context, talks, host, CLAIMED, actor="ann")
    assert refusal.value.hint
    assert (await parts.now(host), talks.said) == (host, [])


async def test_a_uuid_by_which_another_host_is_known_is_refused(parts: Bench) -> None:
    host = await claiming(parts)
    beta = await parts.host("beta")
    await parts.change(beta, uuid=CLAIMED)
    with pytest.raises(Refused, match="known as beta"):
        await accept(parts.context, Introductions(), host, CLAIMED, actor="ann")
    assert (await parts.now(host)).accepted is None
