"""Lines in, lines out: each line is answered on its own, a bad one by its error."""

import json
from collections.abc import Iterable, Iterator

from vmuster.model.commands import Command, StopVm
from vmuster.model.errors import Refused
from vmuster.model.plan import Transition
from vmuster.replay.cases import Case, case_name, parse_case
from vmuster.replay.original import original_stops
from vmuster.replay.passes import Replay


def answer_lines(lines: Iterable[bytes]) -> Iterator[tuple[str, bool]]:
    """For each line that is not blank: its answer as one line of JSON, and whether it was good."""
    for line in lines:
        if line.strip():
            answer, good = answer_line(line)
            yield json.dumps(answer), good


def answer_line(line: bytes) -> tuple[dict[str, object], bool]:
    """The answer to one line, and whether the line was a case at all."""
    try:
        case = parse_case(line)
    except Refused as error:
        return {"case": case_name(line), "error": error.message}, False
    return (_decided(case) if case.decided_by == "vmuster" else _original(case)), True


def _decided(case: Case) -> dict[str, object]:
    last = Replay(case).run()
    plan = last.plan
    return {
        "case": case.case,
        "held": bool(plan.held),
        "findings": [
            {
                "uuid": str(decision.uuid),
                "name": decision.name,
                "standing": decision.standing,
                "finding": decision.finding,
                "why": decision.why,
            }
            for decision in last.decisions
        ],
        "transitions": [_transition(t) for t in last.transitions if _tells(t)],
        "commands": [] if plan.held else [_command(command) for command in plan.commands],
        "held_commands": [_command(command) for command in plan.held_commands],
    }


def _original(case: Case) -> dict[str, object]:
    """The same shape, with no proof: the original had none."""
    return {
        "case": case.case,
        "held": False,
        "findings": [],
        "transitions": [],
        "commands": [
            {"command": "stop_vm", "uuid": str(vm.uuid), "name": vm.name, "proof": None}
            for vm in original_stops(case)
        ],
        "held_commands": [],
    }


def _transition(transition: Transition) -> dict[str, object]:
    after = transition.after
    return {
        "uuid": str(transition.before.uuid),
        "phase": after.phase if after is not None else None,
        "desired": after.desired if after is not None else None,
        "host": after.host if after is not None else None,
    }


def _tells(transition: Transition) -> bool:
    """Whether anything that the answer shows has changed."""
    before, after = transition.before, transition.after
    return after is None or (before.phase, before.desired, before.host) != (
        after.phase,
        after.desired,
        after.host,
    )


def _command(command: Command) -> dict[str, object]:
    return {
        "command": command.__struct_config__.tag,
        "uuid": str(command.vm),
        "name": command.name,
        "proof": command.proof.kind if isinstance(command, StopVm) else None,
    }
