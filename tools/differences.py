"""Writes docs/differences-from-cloudstack.md: where vmuster decides otherwise, and why.

The page is made from the recorded runs and from vmuster's own answers, and from nothing else; a
test fails when it is stale. Run: `python -m tools.differences`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tools.cloudstack_groups import GROUPS, REPEATS, Compared, Kind, answers, grouped, kind_of
from tools.cloudstack_scenarios import MAPPING, Scenario, Setting, read_scenarios
from vmuster.model.states import Standing

OUTPUT: Final = Path(__file__).parents[1] / "docs" / "differences-from-cloudstack.md"
_EXAMPLES_MAX: Final = 3
_STOPPABLE: Final = (Standing.OWNED, Standing.GHOST, Standing.LOOKALIKE)

_HEAD: Final = """\
# Differences from CloudStack 4.0.2

vmuster rebuilds what CloudStack 4.0.2 did to keep its records and its hypervisors in agreement
([where it comes from](from-cloudstack.md)), and decides otherwise on purpose. This page counts
where: {count} recorded runs of the original's own code, put to `vmuster replay`
([its format](replay.md)). Written by `tools/differences.py`; do not edit it by hand.

*The original* is 4.0.2 as it was. *The guard* is the fix once proposed for it: `deltaSync`, too,
asks whether the name follows the naming rule. *vmuster* is asked under the policy nearest to the
original (`mode: manage`, `unknown_vms: stop-by-name`, and the reports given twice, so that it has
seen often enough what it may stop), but for the table of policies.
"""


def render(scenarios: Sequence[Scenario]) -> str:
    """The whole page."""
    groups = grouped(scenarios)
    compared = [one for members in groups.values() for one in members]
    parts = [
        _HEAD.format(count=len(scenarios)),
        "## What is stopped\n\nVMs to which a stop is sent, by what they are.\n",
        _kinds(compared),
        "## Under each policy\n\nRuns of all scenarios; commands, by what the VM is to vmuster. "
        "No alien, foreign, clone, unproven, orphan, moved or duplicate VM is ever in them.\n",
        _policies(scenarios),
        "## Why\n\nEach scenario counts once, in the first group that fits it.\n",
        _overview(groups),
        *(_group(number, groups[group.title]) for number, group in enumerate(GROUPS)),
        "## How a scenario was translated\n",
        _table(("in the recording", "in the replay"), MAPPING),
    ]
    return "\n".join(parts)


def _kinds(compared: Iterable[Compared]) -> str:
    original, guarded, vmuster = Counter[Kind](), Counter[Kind](), Counter[Kind]()
    for one in compared:
        original.update(kind_of(one.scenario, name) for name in one.original)
        guarded.update(kind_of(one.scenario, name) for name in one.guarded)
        vmuster.update(kind_of(one.scenario, name) for name in one.vmuster)
    rows = [(kind, original[kind], guarded[kind], vmuster[kind]) for kind in Kind]
    return _table(("the VM is", "original", "guard", "vmuster"), rows)


def _policies(scenarios: Sequence[Scenario]) -> str:
    rows: list[tuple[object, ...]] = []
    for setting in Setting:
        for repeat in REPEATS:
            stops, others, held = Counter[str | None](), 0, 0
            for answer in (a for s in scenarios for a in answers(s, setting, repeat)):
                standings = {found.uuid: found.standing for found in answer.findings}
                stops.update(standings[c.uuid] for c in answer.commands if c.command == "stop_vm")
                others += sum(command.command != "stop_vm" for command in answer.commands)
                held += answer.held
            counted = [stops[standing] for standing in _STOPPABLE]
            rows.append((setting, repeat, *counted, others, held))
    heads = [f"stop {standing}" for standing in _STOPPABLE]
    return _table(("policy", "given", *heads, "other commands", "held plans"), rows)


def _overview(groups: dict[str, list[Compared]]) -> str:
    rows: list[tuple[object, ...]] = [(group.title, len(groups[group.title])) for group in GROUPS]
    total = sum(len(members) for members in groups.values())
    return _table(("group", "scenarios"), [*rows, ("**all**", f"**{total}**")])


def _group(number: int, members: list[Compared]) -> str:
    group = GROUPS[number]
    text = f"### {group.title} ({len(members)})\n\n{group.reason}\n"
    if not members:
        return text
    rows = [
        (
            f"`{one.scenario.scenario}`",
            _reported(one),
            _names(one.original),
            _names(one.guarded),
            _names(one.vmuster),
        )
        for one in sorted(members, key=_plainness)[:_EXAMPLES_MAX]
    ]
    heads = ("example", "reported", "original stops", "guard stops", "vmuster stops")
    return f"{text}\n{_table(heads, rows)}"


def _plainness(one: Compared) -> tuple[bool, int, str]:
    """Named scenarios before random ones, short reports before long ones."""
    name = one.scenario.scenario
    return name.startswith("random/"), len(one.scenario.report), name


def _reported(one: Compared) -> str:
    whole = "all" if one.scenario.complete else "changes"
    told = ", ".join(f"`{entry.name}` {entry.state}" for entry in one.scenario.report)
    return f"{whole}: {told or 'nothing'}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "–"


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(map(str, cells)) + " |\n" for cells in lines)


def main() -> None:
    """Write the page anew."""
    OUTPUT.write_text(render(read_scenarios()), encoding="utf-8")


if __name__ == "__main__":
    main()
