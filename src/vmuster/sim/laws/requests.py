"""L3: no acknowledged request is lost; it ends; and it takes effect at most once."""

from collections import Counter
from typing import Final

from vmuster.model.ids import CommandId, OperationId
from vmuster.model.messages import Orders, ToAgent
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, OperationKind
from vmuster.model.vm import VmRecord
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.truth import Act, Asked, Committed
from vmuster.sim.world.world import World

_WISHES: Final = {
    OperationKind.START: DesiredState.RUNNING,
    OperationKind.STOP: DesiredState.STOPPED,
}


class Requests(Law):
    """See above. A restored database has lost what came after it: that is for L9."""

    name = "L3"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._taken: dict[OperationId, str] = {}
        """The operations that people were promised, and what they had asked for."""
        self._by_key: dict[tuple[str, str], OperationId] = {}
        self._effects: Counter[tuple[CommandId, str]] = Counter()
        self._told: dict[tuple[str, CommandId], float] = {}
        """When each agent was told of a command last."""

    def asked(self, asked: Asked) -> None:
        """What was promised must be durable by then."""
        operation = asked.operation
        if operation is None:
            return
        if operation.id not in self.truth.operations:
            self.violate(f"{asked.actor} was told that it is taken, and it is not: {asked.what}")
        elif self.world.database.row(Operation, operation.id) is not None:
            self._taken[operation.id] = asked.what

    def committed(self, commit: Committed) -> None:
        """An operation is never dropped, nor made twice under one key."""
        for write in commit.changes.writes:
            before, after = write.before, write.after
            if isinstance(before, Operation) and after is None and before.id in self._taken:
                self.violate(f"an acknowledged request was dropped: {self._taken[before.id]}")
            if isinstance(after, Operation) and before is None:
                self._wished(after, commit)
            if isinstance(after, Operation) and before is None and after.idempotency_key:
                key = after.actor, after.idempotency_key
                if self._by_key.setdefault(key, after.id) != after.id:
                    self.violate(f"{after.kind} by {after.actor} was taken twice under one key")

    def _wished(self, operation: Operation, commit: Committed) -> None:
        """What is written with a person's request asks for what they asked for."""
        wish = _WISHES.get(operation.kind)
        if wish is None or operation.automatic:
            return
        records = (write.after for write in commit.changes.writes)
        ours = [r for r in records if isinstance(r, VmRecord) and r.uuid == operation.vm]
        if any(record.desired is not wish for record in ours):
            name = self.world.name_of(operation.vm)
            self.violate(f"{operation.kind} of {name} was taken, and it is not asked to be {wish}")

    def told(self, host: str, process: str, message: ToAgent) -> None:  # noqa: ARG002
        """From now on an order is valid for as long as it says."""
        if isinstance(message, Orders):
            now = self.world.loop.time()
            self._told.update({(process, command.id): now for command in message.commands})

    def acted(self, act: Act) -> None:
        """A command has each of its effects once, whoever carries it out, and none too late."""
        if act.command is None:
            return
        age = act.at - self._told.get((act.process, act.command.id), act.at)
        if age > act.command.valid_seconds:
            name = self.world.name_of(act.vm)
            self.violate(f"{act.what} of {name} on {act.host}: {age:.0f} s after it was ordered")
        self._effects[act.command.id, act.what] += 1
        if self._effects[act.command.id, act.what] > 1:
            name = self.world.name_of(act.vm)
            self.violate(f"one command had its effect twice: {act.what} of {name} on {act.host}")

    def restored(self) -> None:
        """What the older database does not know is promised no more."""
        known = {each.id for each in self.world.database.every(Operation)}
        self._taken = {id_: what for id_, what in self._taken.items() if id_ in known}
        self._by_key = {key: id_ for key, id_ in self._by_key.items() if id_ in known}

    async def at_end(self) -> None:
        """After the rest has settled, every request has its end."""
        for id_, what in self._taken.items():
            operation = self.world.database.row(Operation, id_)
            if operation is None:
                self.violate(f"an acknowledged request is lost: {what}")
            elif operation.open:
                self.violate(f"an acknowledged request does not end: {what}")
