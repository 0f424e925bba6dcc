"""The head of the journal."""

import pytest

from tests.servers import Bench, seen, vm
from vmuster.model.journal import FIRST_LINK
from vmuster.server.answers.anchor import head
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def test_the_head_is_the_last_entry(parts: Bench) -> None:
    await parts.report(await parts.host(), seen(vm(1)))
    last = (await parts.journal())[-1]
    found = await head(parts.store)
    assert (found.id, found.chain, found.at) == (last.id, last.chain, last.at)
    assert found.anchor == f"{last.id}:{last.chain}"


async def test_an_empty_journal_has_a_head(anyio_backend: str) -> None:
    found = await head(MemoryStore())
    assert (found.id, found.chain, found.at) == (0, FIRST_LINK, 0.0)
