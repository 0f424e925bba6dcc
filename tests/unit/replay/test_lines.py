"""Lines in, lines out: the shape of an answer, and that a bad line hurts no other."""

import json
from pathlib import Path

import pytest

from tests.unit.replay.asked import BY_NAME, MANAGE, ask, record, report, uuid, vm
from vmuster.replay.lines import answer_line, answer_lines

EXAMPLES = Path(__file__).parents[3] / "examples"
ALL = {"case", "held", "findings", "transitions", "commands", "held_commands"}
STRANGER = vm(mark="none")


def test_the_smallest_case_is_answered_in_full() -> None:
    answer = ask(report={"vms": []})
    assert answer == {
        "case": "c",
        "held": False,
        "findings": [],
        "transitions": [],
        "commands": [],
        "held_commands": [],
    }


def test_a_finding_says_what_is_asked_of_it() -> None:
    (found,) = ask(report=report(STRANGER))["findings"]
    assert found.keys() == {"uuid", "name", "standing", "finding", "why"}
    assert (found["uuid"], found["name"]) == (uuid(1), "i-2-1-VM")
    assert (found["standing"], found["finding"]) == ("lookalike", "lookalike")


def test_a_transition_shows_the_record_as_it_is_now() -> None:
    answer = ask(records=[record()], report=report(vm(power="stopped")))
    assert answer["transitions"] == [
        {"uuid": uuid(1), "phase": "stopped", "desired": "stopped", "host": "a"}
    ]


def test_a_change_that_the_answer_would_not_show_is_no_transition() -> None:
    renamed = vm(name="renamed")
    assert ask(records=[record()], report=report(renamed))["transitions"] == []


@pytest.mark.parametrize(
    ("fields", "command"),
    [
        (
            {"policy": BY_NAME, "report": report(STRANGER), "repeat": 2},
            {"command": "stop_vm", "uuid": uuid(1), "name": "i-2-1-VM", "proof": "name"},
        ),
        (
            {
                "policy": BY_NAME,
                "records": [record(removed=True)],
                "report": report(vm()),
                "repeat": 2,
            },
            {"command": "stop_vm", "uuid": uuid(1), "name": "i-2-1-VM", "proof": "mark"},
        ),
        (
            {"policy": MANAGE, "records": [record(desired="absent")], "report": report(vm())},
            {"command": "stop_vm", "uuid": uuid(1), "name": "i-2-1-VM", "proof": "record"},
        ),
        (
            {
                "policy": {**MANAGE, "drift": "enforce"},
                "records": [record()],
                "report": report(vm(power="stopped")),
            },
            {"command": "start_vm", "uuid": uuid(1), "name": "i-2-1-VM", "proof": None},
        ),
    ],
)
def test_a_command_shows_its_proof(fields: dict[str, object], command: dict[str, object]) -> None:
    answer = ask(**fields)
    assert answer["commands"] == [command]
    assert answer["held"] is False


def test_a_held_plan_shows_what_it_holds() -> None:
    vms = [vm(n, mark="none") for n in (1, 2, 3)]
    policy = {**BY_NAME, "stops_per_pass_max": 2}
    answer = ask(policy=policy, report=report(*vms), repeat=2)
    assert answer["held"] is True
    assert answer["commands"] == []
    assert [held["uuid"] for held in answer["held_commands"]] == [uuid(1), uuid(2), uuid(3)]


def test_a_bad_line_is_answered_by_its_error_and_the_others_all_the_same() -> None:
    good = json.dumps({"case": "good", "report": {"vms": []}}).encode()
    lines = [good, b"\n", b"not json\n", b'{"case": "bad"}', b"  ", good]
    answers = [(json.loads(answer), fine) for answer, fine in answer_lines(lines)]
    assert [fine for _, fine in answers] == [True, False, False, True]
    assert [answer["case"] for answer, _ in answers] == ["good", None, "bad", "good"]
    assert [answer.keys() for answer, fine in answers if fine] == [ALL, ALL]
    assert [answer.keys() for answer, fine in answers if not fine] == [{"case", "error"}] * 2


@pytest.mark.parametrize("name", ["\ud800", "a\nb", "\u202e", "a" * 100_000, "\x00", "虚拟机-1"])
def test_any_name_comes_back_as_it_was_and_stays_on_one_line(name: str) -> None:
    line = json.dumps({"case": "c", "report": report(vm(name=name, mark="none"))}).encode()
    ((answer, good),) = answer_lines([line])
    assert good
    assert "\n" not in answer
    (found,) = json.loads(answer)["findings"]
    assert found["name"] == name
    assert found["why"].isprintable()


def test_the_rules_of_the_original_answer_in_the_same_shape() -> None:
    answer = ask(decided_by="original", report=report(STRANGER, complete=False))
    assert answer.keys() == ALL
    assert answer["commands"] == [
        {"command": "stop_vm", "uuid": uuid(1), "name": "i-2-1-VM", "proof": None}
    ]


def test_the_example_tells_the_story() -> None:
    with (EXAMPLES / "incident.jsonl").open("rb") as lines:
        answers = [answer_line(line) for line in lines]
    assert all(good for _, good in answers)
    stops = {str(a["case"]): _stopped(a) for a, _ in answers}
    two = ["i-9-99-OTHER", "i-2-78-VM"]
    assert stops == {
        "original, delta": ["Windows 7 (32-bit) (1)", "web-01", *two],
        "original, full": two,
        "proposed guard, delta": two,
        "proposed guard, full": two,
        "vmuster, delta": [],
        "vmuster, full": [],
        "vmuster, delta, stop-by-name": [],
        "vmuster, full, stop-by-name, once": [],
        "vmuster, full, stop-by-name, twice": ["i-2-78-VM"],
        "vmuster, full, stop-by-name, its own VM": [],
    }


def test_the_page_shows_what_the_example_gives() -> None:
    page = (EXAMPLES.parent / "docs" / "replay.md").read_text(encoding="utf-8")
    shown = json.loads(page.partition("```json\n")[2].partition("```")[0])
    with (EXAMPLES / "incident.jsonl").open("rb") as lines:
        given = next(a for a, _ in answer_lines(lines) if json.loads(a)["case"] == shown["case"])
    answer = json.loads(given)
    assert shown == answer | {"findings": answer["findings"][:1]}


def _stopped(answer: dict[str, object]) -> list[str]:
    return [c["name"] for c in json.loads(json.dumps(answer))["commands"]]
