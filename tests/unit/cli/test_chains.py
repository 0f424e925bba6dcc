"""From a report to a result."""

from typing import Any

import msgspec
import pytest

from tests.moments import fenced, start, stop, write
from tests.served import Served
from vmuster.cli.chains import chains, command_lines, is_conclusion, links, proof_words, title
from vmuster.model.commands import Command
from vmuster.model.host import Host
from vmuster.model.states import ProofKind


def plain(command: Command) -> Any:
    return msgspec.to_builtins(command)


def test_a_request_is_told_link_by_link(world: Served, alpha: Host) -> None:
    vm = str(world.ours(alpha, "linked"))
    with world.client("bert") as client:
        asked = client.stop(vm, force=True)
        client.operation(asked["id"], wait_seconds=10)
        world.passes(alpha)
        stopped, adopted = chains(client.explanation(vm))
    assert title(stopped).startswith("stop by force, asked for by bert, 20")
    assert title(stopped).endswith(": done")
    said = links(stopped, {alpha.id: "alpha"})
    assert [label for label, _ in said] == [
        "report",
        "standing",
        "rule",
        "proof",
        "command",
        "result",
        "ended",
        "operation",
    ]
    lines = dict(said)
    assert lines["report"].startswith("epoch 1, sequence ")
    assert lines["report"].endswith(", of alpha")
    assert lines["standing"] == "owned"
    assert lines["rule"].startswith("in-flight: ")
    assert lines["command"].startswith("stop_vm (force), by bert, ")
    assert lines["operation"] == asked["id"]
    assert not stopped.automatic
    assert next(label for label, _ in links(adopted, {})) == "standing"


def test_a_request_without_a_command_says_so(world: Served, alpha: Host) -> None:
    vm = str(world.ours(alpha, "no command"))
    with world.client() as client:
        asked = client.stop(vm)
        bare = {"operations": [asked], "commands": [], "journal": []}
        (chain,) = chains(bare)
    assert ("command", "none was sent") in links(chain, {})
    assert title(chain).endswith(": pending")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (stop(ProofKind.RECORD), "record: a live record of ours and a good mark on the VM agree"),
        (stop(ProofKind.MARK), "mark: our record of a deleted VM"),
        (stop(ProofKind.NAME), "granted by ann for cluster cluster, 1970-01-01 00:00:01Z"),
        (start(), "home: the record and a fresh complete report"),
        (fenced(), "fence: "),
    ],
)
def test_every_proof_has_words(command: Command, said: str) -> None:
    assert said in proof_words(plain(command))


def test_a_mark_needs_no_proof_words() -> None:
    assert proof_words(plain(write())) == ""


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (None, "not answered yet"),
        ({"outcome": "refused", "message": "no mark", "unknown": False}, "refused: no mark, 1970"),
        ({"outcome": "failed", "message": "gave up", "unknown": True}, "outcome unknown: gave up"),
        ({"outcome": "done", "message": "done", "unknown": False}, "done, 1970"),
    ],
)
def test_every_answer_has_words(result: dict[str, object] | None, said: str) -> None:
    sent = {"command": plain(stop()), "created_at": 0.0, "answered_at": 1.0, "result": result}
    assert dict(command_lines(sent))["result"].startswith(said)


def test_a_conclusion_is_a_decision_with_evidence() -> None:
    assert is_conclusion({"kind": "alert", "evidence": {"finding": "alien"}})
    assert not is_conclusion({"kind": "alert", "evidence": {}})
    assert not is_conclusion({"kind": "result", "evidence": {"outcome": "done"}})
