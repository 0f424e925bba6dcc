"""What the API is asked about held plans, operations and the journal."""

from collections.abc import Sequence
from typing import Any

from vmuster.client.asking import Answer, Asking, items, part


class Records(Asking):
    """Questions and requests about held plans, operations and the journal."""

    def plans(self) -> list[Answer]:
        """Held plans."""
        return self._list("plans")

    def plan(self, plan: str) -> Answer:
        """A held plan."""
        return self._line.ask("GET", f"plans/{part(plan)}")

    def approve_plan(self, plan: str) -> Answer:
        """Let a held plan pass; each act is decided and proved again."""
        return self._line.ask("POST", f"plans/{part(plan)}/approve")

    def reject_plan(self, plan: str) -> Answer:
        """Have a held plan not done."""
        return self._line.ask("POST", f"plans/{part(plan)}/reject")

    def preview(
        self,
        *,
        host: str = "",
        cluster: str = "",
        settings: dict[str, Any] | None = None,
        mode: str = "",
    ) -> list[Answer]:
        """What the next pass over each host would do; or, with settings or mode, what if."""
        body = {"host": host, "cluster": cluster, "settings": settings or {}, "mode": mode or None}
        return items(self._line.ask("POST", "preview", json=body))

    def operations(
        self,
        *,
        state: str = "",
        kind: str = "",
        vm: str = "",
        host: str = "",
        actor: str = "",
        limit: int = 100,
    ) -> list[Answer]:
        """The newest operations that fit, newest first."""
        return self._list(
            "operations", state=state, kind=kind, vm=vm, host=host, actor=actor, limit=limit
        )

    def operation(self, operation: str, *, wait_seconds: float = 0) -> Answer:
        """An operation; waits until it is done or has failed."""
        return self._line.ask("GET", f"operations/{part(operation)}", wait_seconds=wait_seconds)

    def journal(
        self,
        *,
        kinds: Sequence[str] = (),
        vm: str = "",
        host: str = "",
        actor: str = "",
        since: str = "",
        limit: int = 100,
    ) -> list[Answer]:
        """The newest entries of the journal that fit, newest first. `kinds`: of any of these;
        `since`: a time as RFC 3339 has it."""
        return self._list(
            "journal",
            kind=tuple(kinds),
            vm=vm,
            host=host,
            actor=actor,
            since=since,
            limit=limit,
        )
