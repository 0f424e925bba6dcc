"""Held plans: what vmuster would do by itself and is not allowed to, for a person to decide.

An approval lifts the budgets for the acts of exactly the plan that was read, for a while; every
one of them is decided and proved again by the pass, and once more by the agent.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.errors import NotFound
from vmuster.model.host import Host
from vmuster.model.ids import HostId, PlanId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.plan import LookWish
from vmuster.model.text import counted
from vmuster.server.context import Context, Conversations
from vmuster.server.paging import find_all
from vmuster.server.references import cluster_now, host_now
from vmuster.server.requests.amending import amend
from vmuster.server.requests.quarantine import check_open

_Change: TypeAlias = Callable[[HeldPlan], HeldPlan]


class Holds:
    """Takes requests for one server."""

    def __init__(self, context: Context, conversations: Conversations) -> None:
        self._context = context
        self._conversations = conversations

    async def list_(self) -> Sequence[HeldPlan]:
        """Every plan that is held or was decided about, oldest first."""
        plans = await find_all(self._context.store, HeldPlan, readable=True)
        return sorted(plans, key=lambda plan: (plan.held_at, plan.host))

    async def called(self, plan: PlanId) -> HeldPlan:
        """The plan with this id."""
        found = await self._context.store.find(HeldPlan, id=plan, limit=1)
        if not found:
            raise _not_held(plan)
        return found[0]

    async def approve(self, plan: PlanId, *, actor: str) -> HeldPlan:
        """Let the plan pass within `approval_seconds`, and have its host looked at. While an
        approval holds, another one changes nothing."""
        check_open(self._context)
        host = await self._host(plan)
        cluster = await cluster_now(self._context.store, host.cluster)
        now = self._context.clock.now()

        def approved(held: HeldPlan) -> HeldPlan:
            holds = held.expires_at is not None and held.expires_at > now
            if held.state is HoldState.APPROVED and holds:
                return held
            return msgspec.structs.replace(
                held,
                state=HoldState.APPROVED,
                by=actor,
                decided_at=now,
                expires_at=now + cluster.policy.approval_seconds,
            )

        after = await self._decide(plan, host, approved, "approved", actor)
        self._conversations.ask(LookWish(host=host.id))
        return after

    async def reject(self, plan: PlanId, *, actor: str) -> HeldPlan:
        """Have the plan's acts not done, as long as they are proposed. Rejected already stays."""
        host = await self._host(plan)
        now = self._context.clock.now()

        def rejected(held: HeldPlan) -> HeldPlan:
            if held.state is HoldState.REJECTED:
                return held
            return msgspec.structs.replace(
                held, state=HoldState.REJECTED, by=actor, decided_at=now, expires_at=None
            )

        return await self._decide(plan, host, rejected, "rejected", actor)

    async def _host(self, plan: PlanId) -> Host:
        return await host_now(self._context.store, (await self.called(plan)).host)

    async def _decide(
        self, plan: PlanId, host: Host, change: _Change, word: str, actor: str
    ) -> HeldPlan:
        def entry(held: HeldPlan) -> JournalEntry:
            return JournalEntry(
                at=self._context.clock.now(),
                kind=EntryKind.AUDIT,
                actor=actor,
                what=f"plan {plan} of host {host.name} was {word}:"
                f" {counted(len(held.acts), 'act')}",
                host=host.id,
                cluster=held.cluster,
                evidence={"acts": msgspec.to_builtins(held.acts)},
            )

        return await amend(self._context.store, lambda: self._held(host.id, plan), change, entry)

    async def _held(self, host: HostId, plan: PlanId) -> HeldPlan:
        held = await self._context.store.get(HeldPlan, host)
        if held is None or held.id != plan:
            raise _not_held(plan)
        return held


def _not_held(plan: PlanId) -> NotFound:
    return NotFound(
        f"there is no plan {plan} (any more): its acts were done, are proposed no longer, or are"
        " part of another plan now",
        hint="vmuster plan list",
    )
