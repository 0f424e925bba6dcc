"""A case put to the replay as people put it: a line of JSON in, a line of JSON out."""

import json
from typing import Any
from uuid import UUID

from vmuster.replay.lines import answer_line

Answer = dict[str, Any]
MANAGE = {"mode": "manage"}
BY_NAME = {**MANAGE, "unknown_vms": "stop-by-name"}
BY_MARK = {**MANAGE, "unknown_vms": "stop-by-mark"}
ENFORCE = {**MANAGE, "drift": "enforce"}


def uuid(number: int) -> str:
    return str(UUID(int=number))


def vm(number: int = 1, **changes: object) -> Answer:
    """A reported VM; by default ours, and running."""
    return {"uuid": uuid(number), "name": f"i-2-{number}-VM", "mark": "ours"} | changes


def record(number: int = 1, **changes: object) -> Answer:
    """A record of the same VM, that lives on host `a`."""
    return {"uuid": uuid(number), "name": f"i-2-{number}-VM", "host": "a"} | changes


def report(*vms: Answer, **changes: object) -> Answer:
    return {"host": "a", "vms": list(vms)} | changes


def ask(**fields: object) -> Answer:
    """The answer to a case with these fields; the case must be a good one."""
    answer, good = answer_line(json.dumps({"case": "c", **fields}).encode())
    assert good, answer
    encoded: Answer = json.loads(json.dumps(answer))
    return encoded


def refused(**fields: object) -> str:
    """The error that answers a case with these fields."""
    answer, good = answer_line(json.dumps({"case": "c", **fields}).encode())
    assert not good
    assert answer["case"] == "c"
    return str(answer["error"])


def finding(answer: Answer, number: int = 1) -> tuple[str | None, str] | None:
    """Standing and finding of a VM; None where nothing is said of it."""
    for found in answer["findings"]:
        if found["uuid"] == uuid(number):
            return found["standing"], found["finding"]
    return None
