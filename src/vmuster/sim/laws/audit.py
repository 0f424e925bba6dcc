"""L12: before each deed its command and its reason were durable: who, by which rule, on what."""

import msgspec

from vmuster.model.commands import Command
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.sim.laws.law import Law
from vmuster.sim.world.truth import Act


class Audit(Law):
    """See above."""

    name = "L12"

    def acted(self, act: Act) -> None:
        """What was durable when it happened."""
        if act.command is None:
            return
        what = f"{act.what} of {self.world.name_of(act.vm)} on {act.host}"
        if why := self._unwritten(act.command):
            self.violate(f"{what}: {why}")

    def _unwritten(self, command: Command) -> str:
        """What was not written down of a command before the deed; "" where nothing lacks."""
        known = self.truth.commands.get(command.id)
        if known is None:
            return "its command was never in the outbox"
        if not _same(known[1].command, command):
            return "its command is not the one that is in the outbox"
        entry = self.truth.entries.get(command.id)
        if entry is None:
            return "no entry in the journal says why"
        return _lacking(entry[1], command)


def _same(written: Command, carried_out: Command) -> bool:
    """An order is sent with the time that is left of it, and is otherwise as it was written."""
    seconds = carried_out.valid_seconds
    return msgspec.structs.replace(written, valid_seconds=seconds) == carried_out


def _lacking(entry: JournalEntry, command: Command) -> str:
    intents = (EntryKind.COMMAND, EntryKind.REQUEST)
    if entry.kind not in intents:
        return "the journal says only afterwards what was done"
    if (entry.actor, entry.vm) != (command.actor, command.vm):
        return "its entry in the journal is of somebody else, or of another VM"
    if entry.kind is EntryKind.COMMAND and not (entry.rule and entry.evidence):
        return "its entry in the journal names no rule, or no evidence"
    return ""
