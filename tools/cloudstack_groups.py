"""The recorded scenarios beside vmuster's own answers, in groups of one reason each.

Each scenario is in exactly one group, the first whose question it answers with yes.
"""

import json
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

import msgspec

from tools.cloudstack_scenarios import Scenario, Setting, lines, number_in
from vmuster.model.names import is_canonical, is_valid
from vmuster.replay.lines import answer_line

INSTANCE: Final = "VM"
REPEATS: Final = (1, 2)


class Found(msgspec.Struct, frozen=True):
    """One finding of an answer."""

    uuid: str
    name: str
    standing: str | None
    finding: str


class Sent(msgspec.Struct, frozen=True):
    """One command of an answer."""

    command: str
    uuid: str
    name: str
    proof: str | None


class Answer(msgspec.Struct, frozen=True):
    """One answer of `vmuster replay`, as far as it is compared."""

    case: str
    held: bool
    findings: tuple[Found, ...]
    commands: tuple[Sent, ...]
    held_commands: tuple[Sent, ...]

    @property
    def stopped(self) -> frozenset[str]:
        return frozenset(sent.name for sent in self.commands if sent.command == "stop_vm")


def answers(scenario: Scenario, setting: Setting, repeat: int) -> list[Answer]:
    """What vmuster decides about a scenario: one answer for each reporting host."""
    answered = (answer_line(json.dumps(line).encode()) for line in lines(scenario, setting, repeat))
    return [msgspec.convert(answer, Answer) for answer, _ in answered]


class Kind(StrEnum):
    """What a VM is that the original stopped, by its name and the records; first that fits."""

    ALIEN = "an alien: no record, no name that follows the rule"
    NUMBER = "another VM with a recorded number in its name"
    ANOTHER = "a name by the rule, but of another installation"
    LOOKALIKE = "a name of ours, no record"
    DELETED = "recorded, and deleted"
    GOING = "recorded, asked to go"
    LOST = "recorded, should run, in no report"
    ENDED = "recorded, should run, seen ended"
    RUNS = "recorded, should run, seen not ended"
    RESTS = "recorded, should not run"


class Compared(msgspec.Struct, frozen=True):
    """A scenario, with what the original, the proposed guard and vmuster made of it.

    vmuster is asked under the policy that comes nearest to the original: `manage`, `stop-by-name`,
    with the report given twice, so that it has seen often enough what it may stop.
    """

    scenario: Scenario
    original: frozenset[str]
    guarded: frozenset[str]
    vmuster: frozenset[str]

    def stops(self, kind: Kind) -> bool:
        """Whether the original stopped a VM of this kind."""
        return any(kind_of(self.scenario, name) is kind for name in self.original)

    def effects(self, op: str) -> list[dict[str, object]]:
        return [effect for effect in self.scenario.original.effects if effect["op"] == op]


def compare(scenario: Scenario) -> Compared:
    """The scenario beside what each of the three stops."""
    guarded = scenario.with_name_guard or scenario.original
    nearest = answers(scenario, Setting.BY_NAME, max(REPEATS))
    return Compared(
        scenario=scenario,
        original=scenario.original.stopped,
        guarded=guarded.stopped,
        vmuster=frozenset[str]().union(*(answer.stopped for answer in nearest)),
    )


def kind_of(scenario: Scenario, name: str) -> Kind:
    """What the VM of this name is in this scenario."""
    row = next((row for row in scenario.vms if row.instance_name == name), None)
    if row is None:
        if number_in(name) in {row.vm for row in scenario.vms if not row.removed}:
            return Kind.NUMBER
        if is_canonical(name, INSTANCE):
            return Kind.LOOKALIKE
        return Kind.ANOTHER if is_valid(name) else Kind.ALIEN
    if row.removed:
        return Kind.DELETED
    if row.state in ("Destroyed", "Expunging"):
        return Kind.GOING
    if row.state not in ("Running", "Starting"):
        return Kind.RESTS
    reported = next((e.state for e in scenario.report if e.name == name), None)
    if reported is None:
        return Kind.LOST
    return Kind.ENDED if reported in ("Stopped", "Error") else Kind.RUNS


class Group(msgspec.Struct, frozen=True):
    """Scenarios that differ for one reason."""

    title: str
    reason: str
    fits: Callable[[Compared], bool]


GROUPS: Final[tuple[Group, ...]] = (
    Group(
        "An alien is stopped",
        "The incident. A VM that no record knows and whose name follows no rule of ours is "
        "stopped, because a change of it was reported. The proposed guard saves it. vmuster never "
        "stops it, under any policy: it is listed as an alien.",
        lambda c: c.stops(Kind.ALIEN),
    ),
    Group(
        "A number inside a name is taken for identity",
        "The original reads a number out of the reported name, and that number is the VM's "
        "identity, whatever the rest of the name says. The guard does not help: the name follows "
        "the rule. vmuster knows a VM by its uuid and its signed mark. This one has neither of "
        "ours: it is a stranger.",
        lambda c: c.stops(Kind.NUMBER),
    ),
    Group(
        "A VM of another installation is stopped",
        "The name follows the rule, but is not one that this installation would give. The "
        "original's guard does not ask for the instance, so `i-…` names are stopped even with the "
        "proposed fix. To vmuster it is an alien like any other.",
        lambda c: c.stops(Kind.ANOTHER),
    ),
    Group(
        "A VM with a name of ours and no record is stopped at once",
        "To the original a name is proof enough. To vmuster it is a lookalike: left alone, unless "
        "a person grants `stop-by-name` for the cluster; then only where it plainly runs and was "
        "in two complete reports in a row, and it is saved to disk. A partial report leads to "
        "complete ones, not to a stop.",
        lambda c: c.stops(Kind.LOOKALIKE),
    ),
    Group(
        "A VM that was deleted is stopped at once",
        "To vmuster it is a ghost: a tombstone and a good mark agree. It is stopped only where a "
        "person allows `stop-by-mark`, and after two complete reports.",
        lambda c: c.stops(Kind.DELETED),
    ),
    Group(
        "A VM that no report shows is taken for dead",
        "The original declares it stopped, queues a restart and sends a stop to where it was. To "
        "vmuster a report without a VM is no proof of anything: it takes several complete reports, "
        "the hypervisor's word that there is no such VM, and a witness that no process holds it. "
        "An empty list where VMs were is held for a person.",
        lambda c: c.stops(Kind.LOST),
    ),
    Group(
        "A VM that should run and is seen ended is stopped once more",
        "The original queues a restart and stops the VM, sometimes twice; and it believes a "
        "*stopped* from a host where the VM does not live. vmuster writes down what it saw. "
        "Nothing that has ended is stopped; whether it is started again is a policy, and where "
        "its home says otherwise, the home is asked first.",
        lambda c: c.stops(Kind.ENDED),
    ),
    Group(
        "A VM that should run, and has not ended, is stopped",
        "It was shown by another host than its record's, or in a state in between. To vmuster it "
        "is a VM that moved: once its old home has looked again, the record follows it.",
        lambda c: c.stops(Kind.RUNS),
    ),
    Group(
        "A VM that was asked to go is stopped",
        "Comparing states, the original stops it where it is seen stopped, and leaves it alone "
        "where it is seen running; the full synchronisation of a pool stops it whatever was seen. "
        "vmuster stops it where it runs at home with a good mark, since a person asked for it, "
        "and does nothing where it has ended.",
        lambda c: c.stops(Kind.GOING),
    ),
    Group(
        "A VM that should be stopped is stopped again",
        "Whatever state was reported, the original sends a stop to a VM that its records hold for "
        "stopped, stopping or failed. vmuster does so only under `drift: enforce`, only to a VM "
        "that runs, and only with proof; by default reality wins, and is recorded.",
        lambda c: bool(c.original),
    ),
    Group(
        "vmuster stops, and the original does not",
        "Nearly always a VM that was asked to go and still runs: the original's comparison of "
        "states does nothing about it. Else a VM with a name of ours and no record, granted to "
        "be stopped by name, that the original's guard passes over (it asks only for `i-…`) or "
        "that it does not look at (a host handed over by another server).",
        lambda c: bool(c.vmuster),
    ),
    Group(
        "A restart or a stop is queued",
        "No stop was sent by the synchronisation itself, but work was queued that ends in one. "
        "vmuster queues nothing: every pass decides anew from what is seen.",
        lambda c: bool(c.effects("ha_work") or c.effects("guru_prepare_stop")),
    ),
    Group(
        "The original fails",
        "An unknown host or an absent one ends the whole pass with an exception, and what the "
        "report told is lost. A pass of vmuster can't fail; what it can't tell it says.",
        lambda c: c.scenario.original.exception is not None,
    ),
    Group(
        "The record follows a VM to another host at once",
        "One report from anywhere moves the record. vmuster first asks the old home to look "
        "again; if it can't, nothing is changed.",
        lambda c: any(
            e["event"] == "AgentReportMigrated" and e["applied"] for e in c.effects("transition")
        ),
    ),
    Group(
        "Neither stops anything",
        "Both list, record what was seen, or wait. What vmuster concludes is in its findings.",
        lambda _: True,
    ),
)


def grouped(scenarios: Iterable[Scenario]) -> dict[str, list[Compared]]:
    """Group title → its scenarios; each scenario once, in the first group that fits."""
    groups: dict[str, list[Compared]] = {group.title: [] for group in GROUPS}
    for compared in map(compare, scenarios):
        title = next(group.title for group in GROUPS if group.fits(compared))
        groups[title].append(compared)
    return groups
