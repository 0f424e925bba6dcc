"""L3: no acknowledged request is lost; it ends; and it takes effect at most once.

A request is an operation, which has a life of its own, or it decides something (see `decided`):
then it is so when somebody is told of it, and stays so until a person asks otherwise.
"""

from collections.abc import Collection
from typing import Final

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import CommandId, OperationId
from vmuster.model.messages import Orders, ToAgent
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, OperationKind
from vmuster.model.vm import VmRecord
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.decided import Asking, Word, says, unasked
from vmuster.sim.world.pages import MemoryPages
from vmuster.sim.world.truth import Act, Asked, Committed
from vmuster.sim.world.world import World
from vmuster.stores.kinds import key_of

_WISHES: Final = {
    OperationKind.START: DesiredState.RUNNING,
    OperationKind.STOP: DesiredState.STOPPED,
}


class _Effect:
    """An effect of a command, and the journal of the agent that has it, as whole as it is now."""

    def __init__(self, what: str, command: CommandId, journal: MemoryPages | None) -> None:
        self.command = command
        self.what = what
        self.journal = journal
        self.harms = 0 if journal is None else journal.harms

    def remembers(self, before: "_Effect") -> bool:
        """Whether this agent must know that the guest was asked to shut down before: nothing of its
        journal was lost since, and it does not leave that open."""
        if self.what != "shutdown" or self.journal is None:
            return False
        whole = self.journal is before.journal and self.harms == before.harms
        return whole and not self.journal.leaves_open(before.command)


class Requests(Law):
    """See above. A restored database has lost what came after it: that is for L9."""

    name = "L3"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._taken: dict[OperationId, str] = {}
        """The operations that people were promised, and what they had asked for."""
        self._by_key: dict[tuple[str, str], OperationId] = {}
        self._forgotten: Collection[OperationId] = ()
        """What an older database did not know when it was restored."""
        self._decided: dict[tuple[type[object], tuple[object, ...]], float] = {}
        """When a row was last changed in the course of a request that decides something."""
        self._effects: dict[tuple[OperationId, str], list[_Effect]] = {}
        self._told: dict[tuple[str, CommandId], float] = {}
        """When each agent was told of a command last."""

    def asked(self, asked: Asked) -> None:
        """What was promised must be durable by then."""
        operation, asking = asked.operation, asked.asking
        if asking is not None and not all(self._decides(word, asking) for word in asking.words):
            self.violate(f"{asked.actor} was told that it is so, and it is not: {asked.what}")
        if operation is None:
            return
        if self.world.database.row(Operation, operation.id) is not None:
            self._taken[operation.id] = asked.what
        elif operation.id not in self._forgotten:
            self.violate(f"{asked.actor} was told that it is taken, and it is not: {asked.what}")

    def _decides(self, word: Word, asking: Asking) -> bool:
        """Whether the row that is named is as this word wants it, or somebody has asked otherwise
        since."""
        database = self.world.database
        rows = (*database.every(Fleet), *database.every(Cluster), *database.every(Host))
        return all(
            says(word, row) or self._decided.get((type(row), key_of(row)), -1.0) > asking.at
            for row in rows
            if type(row) is word.kind and getattr(row, "name", "") == word.name
        )

    def committed(self, commit: Committed) -> None:
        """An operation is never dropped, nor made twice under one key."""
        for write in commit.changes.writes:
            before, after = write.before, write.after
            for field in unasked(write, commit.asking):
                self.violate(f"{self._called(after)}: nobody asked for another {field}")
            if after is not None and commit.asking is not None and commit.asking.words:
                self._decided[type(after), key_of(after)] = commit.at
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
        """An operation has each of its effects once, by whatever commands, as far as it is known
        what came of them; and none too late. That a guest was asked to shut down is known for as
        long as its agent's journal is whole."""
        if act.command is None:
            return
        age = act.at - self._told.get((act.process, act.command.id), act.at)
        if age > act.command.valid_seconds:
            name = self.world.name_of(act.vm)
            self.violate(f"{act.what} of {name} on {act.host}: {age:.0f} s after it was ordered")
        before = self._effects.setdefault((act.command.operation, act.what), [])
        now = _Effect(act.what, act.command.id, self.journal_of(act))
        if any(each.command == now.command or not self._unknown(each, now) for each in before):
            name = self.world.name_of(act.vm)
            self.violate(f"one request had its effect twice: {act.what} of {name} on {act.host}")
        before.append(now)

    def _unknown(self, before: _Effect, now: _Effect) -> bool:
        """Whether nobody can say what came of a command, for its agent died over it, or an older
        database does not know it. Then another one follows, by what is seen."""
        row = self.world.database.row(OutboxCommand, before.command)
        if row is None:
            return True
        return row.result is not None and row.result.unknown and not now.remembers(before)

    def restored(self) -> None:
        """What the older database does not know is promised no more."""
        known = {each.id for each in self.world.database.every(Operation)}
        self._forgotten = self.truth.operations.keys() - known
        self._decided.clear()
        self._taken = {id_: what for id_, what in self._taken.items() if id_ in known}
        self._by_key = {key: id_ for key, id_ in self._by_key.items() if id_ in known}

    def _called(self, row: object) -> str:
        """A row of which people decide, as they call it."""
        if isinstance(row, HeldPlan):
            return f"the plan of {self.host_named(row.host)}"
        return str(getattr(row, "name", "the fleet"))

    async def at_end(self) -> None:
        """After the rest has settled, every request has its end."""
        for id_, what in self._taken.items():
            operation = self.world.database.row(Operation, id_)
            if operation is None:
                self.violate(f"an acknowledged request is lost: {what}")
            elif operation.open:
                self.violate(f"an acknowledged request does not end: {what}")
