"""From a report to a result: how each act on a VM came about, as an explanation tells it."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from vmuster.cli.moments import at

Fields = Mapping[str, Any]
Line = tuple[str, str]
"""A label and what it says."""

AUTOMATIC: Final = "vmuster"
_PROOFS: Final = {
    "record": "a live record of ours and a good mark on the VM agree",
    "mark": "our record of a deleted VM and a good mark on the VM agree",
    "name": "a person granted it for VMs with a name of ours and no mark",
}
_CLEARANCES: Final = {
    "home": "home: the record and a fresh complete report are of this very host",
    "fence": "fence: the host that had it is proved unable to run it",
}
_CONCLUSIONS: Final = frozenset({"decision", "alert"})


class Chain(msgspec.Struct, frozen=True):
    """One act: its operation, the commands for it, and the journal's entries about it, in order."""

    operation: Fields
    commands: tuple[Fields, ...]
    entries: tuple[Fields, ...]
    conclusions: tuple[Fields, ...]
    """What had been concluded about the VM, up to the first command."""

    @property
    def automatic(self) -> bool:
        """Whether no person asked for it."""
        return self.operation["actor"] == AUTOMATIC


def chains(explanation: Fields) -> list[Chain]:
    """Every act on the VM that the explanation tells of, newest first."""
    return [_chain(explanation, operation) for operation in explanation["operations"]]


def title(chain: Chain) -> str:
    """What was wished, by whom, when, and how it stands."""
    operation = chain.operation
    forced = " by force" if operation["force"] else ""
    who = "by vmuster itself" if chain.automatic else f"asked for by {operation['actor']}"
    return (
        f"{operation['kind']}{forced}, {who}, {at(operation['created_at'])}: {operation['state']}"
    )


def links(chain: Chain, hosts: Mapping[str, str]) -> list[Line]:
    """The links of the chain. `hosts`: names of hosts by their ids."""
    lines: list[Line] = []
    for sent in chain.commands:
        lines += _evidence(chain, sent, hosts)
        lines += command_lines(sent)
    operation = chain.operation
    if operation["message"] and operation["finished_at"] is not None:
        lines.append(("ended", f"{operation['message']}, {at(operation['finished_at'])}"))
    elif not chain.commands:
        lines.append(("command", "none was sent"))
    return [*lines, ("operation", str(operation["id"]))]


def command_lines(sent: Fields) -> list[Line]:
    """What was sent, and what was answered."""
    command = sent["command"]
    how = f" ({command['method']})" if "method" in command else ""
    said = f"{command['command']}{how}, by {command['actor']}, {at(sent['created_at'])}"
    return [("command", said), ("result", _result(sent))]


def proof_words(command: Fields) -> str:
    """The evidence that a command rests on; empty for a command that needs none."""
    if "clearance" in command:
        return _CLEARANCES[command["clearance"]["type"]]
    proof: Fields | None = command.get("proof")
    if proof is None:
        return ""
    words = f"{proof['kind']}: {_PROOFS[proof['kind']]}"
    grant: Fields | None = proof["grant"]
    if grant is None:
        return f"{words} (mark generation {proof['mark_generation']})"
    granted = f"granted by {grant['granted_by']} for cluster {grant['cluster']}"
    return f"{words} ({granted}, {at(grant['granted_at'])})"


def is_conclusion(entry: Fields) -> bool:
    """Whether a journal entry says what a pass concluded about a VM."""
    return entry["kind"] in _CONCLUSIONS and bool(entry["evidence"])


def _chain(explanation: Fields, operation: Fields) -> Chain:
    journal = sorted(explanation["journal"], key=lambda entry: entry["id"])
    entries = [entry for entry in journal if entry["operation"] == operation["id"]]
    commands = [
        sent for sent in explanation["commands"] if sent["command"]["operation"] == operation["id"]
    ]
    commands.sort(key=lambda sent: sent["created_at"])
    until = commands[0]["created_at"] if commands else operation["created_at"]
    known = [entry for entry in journal if is_conclusion(entry) and entry["at"] <= until]
    return Chain(operation, tuple(commands), tuple(entries), tuple(known))


def _evidence(chain: Chain, sent: Fields, hosts: Mapping[str, str]) -> list[Line]:
    """What was seen and concluded, and why that is enough."""
    command = sent["command"]
    basis: Fields | None = command.get("proof") or command.get("clearance")
    lines: list[Line] = []
    if basis is not None and "sequence" in basis:
        host = hosts.get(basis["host"], basis["host"])
        lines.append(("report", f"epoch {basis['epoch']}, sequence {basis['sequence']}, of {host}"))
    if chain.conclusions:
        lines.append(("standing", str(chain.conclusions[-1]["evidence"].get("standing"))))
    lines += [
        ("rule", f"{entry['rule']}: {entry['what']}")
        for entry in chain.entries
        if entry["kind"] == "command" and entry["command"] == sent["id"]
    ]
    proof = proof_words(command)
    return [*lines, ("proof", proof)] if proof else lines


def _result(sent: Fields) -> str:
    result: Fields | None = sent["result"]
    if result is None:
        return "not answered yet"
    outcome = "outcome unknown" if result["unknown"] else result["outcome"]
    said = f": {result['message']}" if result["message"] != outcome else ""
    return f"{outcome}{said}, {at(sent['answered_at'])}"
