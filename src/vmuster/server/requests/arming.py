"""Automation armed and disarmed: by a person, on a host, in a cluster, in the whole fleet.

Disarming binds what vmuster does by itself, at once and until somebody arms it again: what was not
sent yet is not sent, and an agent that has begun an automatic act goes no step further. It binds
no person: their requests are carried out all the same.
"""

from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from vmuster.model.automation import Disarmed
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.text import bounded, visible
from vmuster.server.context import Context, Conversations
from vmuster.server.paging import find_all
from vmuster.server.references import cluster_called, fleet_now, host_called, host_now
from vmuster.server.requests.amending import amend

_WHY_CHARACTERS_MAX: Final = 500
"""One reason."""
_WHYS_CHARACTERS_MAX: Final = 2000
"""All of them; of what is too long, the earlier ones are cut."""
_Row = TypeVar("_Row", Fleet, Cluster, Host)


class ArmingScope(StrEnum):
    """Where automation is armed or disarmed."""

    FLEET = "fleet"
    CLUSTER = "cluster"
    HOST = "host"


class Arming:
    """Takes requests for one server. `name`: of the cluster or host; empty for the fleet."""

    def __init__(self, context: Context, conversations: Conversations) -> None:
        self._context = context
        self._conversations = conversations

    async def disarm(self, scope: ArmingScope, name: str = "", *, why: str, actor: str) -> None:
        """Have nothing done automatically there. What is disarmed already stays so in the name of
        who disarmed it first, with the reason added: asked twice for one reason is asked once."""
        why = bounded(why, _WHY_CHARACTERS_MAX)
        disarmed = Disarmed(by=actor, at=self._context.clock.now(), why=why)
        said = f"automation was disarmed: {visible(why)}" if why else "automation was disarmed"
        await self._set(scope, name, disarmed, said, actor)

    async def arm(self, scope: ArmingScope, name: str = "", *, actor: str) -> None:
        """Allow again what the policies allow. What is armed already stays as it is."""
        await self._set(scope, name, None, "automation was armed", actor)

    async def _set(
        self, scope: ArmingScope, name: str, disarmed: Disarmed | None, said: str, actor: str
    ) -> None:
        store = self._context.store

        def change(row: _Row) -> _Row:
            return _with(row, disarmed and with_reason(row.disarmed, disarmed))

        def entry(
            where: str, *, host: HostId | None = None, cluster: ClusterName | None = None
        ) -> JournalEntry:
            return JournalEntry(
                at=self._context.clock.now(),
                kind=EntryKind.AUDIT,
                actor=actor,
                what=f"{where}: {said}",
                host=host,
                cluster=cluster,
            )

        match scope:
            case ArmingScope.FLEET:
                fleet = await amend(
                    store, lambda: fleet_now(store), change, lambda _: entry("fleet")
                )
                self._context.fleet = fleet
            case ArmingScope.CLUSTER:
                cluster = await cluster_called(store, name)
                await amend(
                    store,
                    lambda: cluster_called(store, name),
                    change,
                    lambda _: entry(f"cluster {cluster.name}", cluster=cluster.name),
                )
                for host in await find_all(store, Host, cluster=cluster.name, readable=True):
                    self._conversations.settings_changed(host.id)
            case ArmingScope.HOST:
                host = await host_called(store, name)
                await amend(
                    store,
                    lambda: host_now(store, host.id),
                    change,
                    lambda _: entry(f"host {host.name}", host=host.id),
                )
                self._conversations.settings_changed(host.id)


def with_reason(first: Disarmed | None, more: Disarmed) -> Disarmed:
    """`first`, and why it holds for `more` than that: both have to be over before it is armed.

    `more` alone where it was armed.
    """
    if first is None:
        return more
    added = f"{more.by}: {more.why}"
    reasons = f"; {first.why}; "
    if not more.why or f"; {more.why}; " in reasons or f"; {added}; " in reasons:
        return first
    room = _WHYS_CHARACTERS_MAX - len(added) - len("; ")
    why = f"{bounded(first.why, room)}; {added}" if first.why else added
    return msgspec.structs.replace(first, why=why)


def _with(row: _Row, disarmed: Disarmed | None) -> _Row:
    return msgspec.structs.replace(row, disarmed=disarmed)
