"""Everything that a store offers is handed on, with every word that was said."""

import inspect
from typing import Any
from uuid import UUID

import anyio
import pytest

from tests.loaded import strangers
from vmuster.model.host import Cluster
from vmuster.model.ids import HostId
from vmuster.ports.store import HostAsked, Store, VmQuery
from vmuster.server.relayed import RelayedStore

ASKED: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "get": ((Cluster, "default"), {}),
    "find": ((Cluster,), {"limit": 3, "after": ("a",), "newest_first": True, "name": "b"}),
    "count": ((Cluster, "name"), {"name": "b"}),
    "vms": ((VmQuery(name="web"),), {"after": ("a", UUID(int=1), None), "limit": 2}),
    "unanswered": ((HostId("h-1"),), {}),
    "known_on": ((HostId("h-1"),), {}),
    "weigh": ((frozenset({Cluster}),), {}),
    "unseen": ((), {}),
    "unread": ((), {}),
    "load_hosts": (((HostAsked(host=HostId("h-1"), names=strangers("web")),), 1.5), {}),
    "commit": (((),), {}),
    "rehearsal": ((), {}),
    "close": ((), {}),
}


class Listening:
    """Remembers what was asked of it, and answers with a word of its own."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def asked(*args: Any, **more: Any) -> Any:
            self.asked.append((name, args, more))
            return "said" if name == "rehearsal" else self._later()

        return asked

    async def _later(self) -> str:
        return "said"


def test_nothing_that_a_store_offers_is_left_out() -> None:
    offered = {name for name, _ in inspect.getmembers(Store, inspect.isfunction)}
    assert {name for name in offered if not name.startswith("_")} == ASKED.keys()


@pytest.mark.parametrize("name", ASKED)
def test_it_is_handed_on_as_it_was_said(name: str) -> None:
    behind: Any = Listening()
    args, more = ASKED[name]

    async def asked() -> object:
        answer = getattr(RelayedStore(behind), name)(*args, **more)
        return await answer if inspect.isawaitable(answer) else answer

    assert anyio.run(asked) == (None if name == "close" else "said")
    assert behind.asked == [(name, args, more)]
