"""The words for proofs, commands, answers and reasons."""

import msgspec
import pytest

from tests.moments import erase, fenced, start, stop, write
from tests.parts import operation
from vmuster.model.commands import GUEST_WAS_ASKED, Command, CommandResult, OutboxCommand
from vmuster.model.operations import AUTOMATIC
from vmuster.model.states import (
    CommandOutcome,
    OperationKind,
    OperationState,
    PowerReason,
    ProofKind,
    StopMethod,
)
from vmuster.server.answers.wording import (
    asked,
    bare,
    became,
    command_link,
    ended_link,
    kept_back,
    plain,
    proof_link,
    reason,
    result_link,
)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (stop(ProofKind.RECORD), "our record of it and our signed mark on it agree"),
        (stop(ProofKind.MARK), "we deleted it once, and it bears the mark that we signed for it"),
        (
            stop(ProofKind.NAME),
            "it bears a name of ours and no mark, and ann gave leave to stop such VMs in cluster"
            " cluster",
        ),
        (
            start(),
            "our record and a fresh, whole account of this host agree that it is here, stopped",
        ),
        (fenced(), "the host that had it can't run it: "),
        (write(), "none is needed to write our mark: nothing else about it changes"),
        (erase(), "our record of it and our signed mark on it agree"),
    ],
)
def test_every_proof_has_words(command: Command, said: str) -> None:
    assert proof_link(command).what.startswith(said)


def sent(command: Command, result: CommandResult | None = None) -> OutboxCommand:
    return OutboxCommand(
        id=command.id,
        host=command.host,
        vm=command.vm,
        command=command,
        created_at=1.0,
        result=result,
        answered_at=2.0 if result is not None else None,
    )


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (stop(), "alpha was told to shut it down"),
        (msgspec.structs.replace(stop(), method=StopMethod.FORCE), "alpha was told to end it by"),
        (msgspec.structs.replace(stop(), method=StopMethod.SAVE), "alpha was told to save it to"),
        (start(), "alpha was told to start it"),
        (write(), "alpha was told to write our mark into it"),
        (erase(), "alpha was told to take our mark out of it"),
    ],
)
def test_every_command_has_words(command: Command, said: str) -> None:
    assert command_link(sent(command), "alpha").what.startswith(said)


@pytest.mark.parametrize(
    ("outcome", "message", "unknown", "said", "rule"),
    [
        ("done", "done", False, "it was done", ""),
        ("done", "by force: deaf", False, "it was done, by force: deaf", ""),
        (
            "refused",
            "automation is disarmed",
            False,
            "alpha refused, and did not touch it: automation is disarmed",
            "guard-disarmed",
        ),
        (
            "refused",
            f"{GUEST_WAS_ASKED}automation is disarmed",
            False,
            f"{GUEST_WAS_ASKED}automation is disarmed; it may obey still",
            "guard-disarmed",
        ),
        ("failed", "no\nroom", False, "it failed: no\\nroom", ""),
        ("failed", "late", True, "nobody knows whether it was done: late", ""),
    ],
)
def test_every_answer_has_words(
    outcome: str, message: str, unknown: bool, said: str, rule: str
) -> None:
    command = stop()
    result = CommandResult(
        command=command.id,
        host=command.host,
        outcome=CommandOutcome(outcome),
        message=message,
        unknown=unknown,
    )
    link = result_link(sent(command, result), "alpha")
    assert (link.what, link.rule, link.at) == (said, rule, 2.0)


def test_no_answer_has_words_too() -> None:
    assert result_link(sent(stop()), "alpha").what == "alpha has not answered yet"
    assert result_link(sent(stop()), "alpha", over=True).what == "alpha gave no answer"


def test_who_asked_is_a_person_or_vmuster() -> None:
    wish = operation(OperationKind.STOP, actor="anna")
    assert asked(wish) == "anna asked to stop it"
    assert asked(msgspec.structs.replace(wish, force=True), "web") == (
        "anna asked to stop web by force"
    )
    assert asked(msgspec.structs.replace(wish, actor=AUTOMATIC)) == (
        "vmuster wanted to stop it by itself"
    )


@pytest.mark.parametrize("state", OperationState)
def test_every_state_of_an_operation_has_words(state: OperationState) -> None:
    assert became(msgspec.structs.replace(operation(OperationKind.STOP), state=state))


@pytest.mark.parametrize(
    ("message", "said", "rule"),
    [
        ("it is stopped", "it is stopped", ""),
        ("refused: it bears a mark", "it bears a mark", "unproven-marked"),
        ("the host is suspect, not up", "the host is suspect, not up", "host-not-up"),
    ],
)
def test_an_end_is_told_by_its_rule(message: str, said: str, rule: str) -> None:
    ended = ended_link(
        msgspec.structs.replace(
            operation(OperationKind.STOP), state=OperationState.FAILED, message=message
        )
    )
    assert ended is not None
    assert (ended.kind.value, ended.what, ended.rule) == ("ended", said, rule)


def test_an_open_operation_says_what_it_waits_for_or_nothing() -> None:
    waiting = ended_link(
        msgspec.structs.replace(operation(OperationKind.STOP), message="alpha is asked")
    )
    assert waiting is not None
    assert waiting.kind.value == "now"
    assert ended_link(operation(OperationKind.STOP)) is None


def test_names_of_commands_are_not_for_people() -> None:
    assert plain("it runs; stop_vm follows") == "it runs"
    assert plain("it runs; stop_vm withheld: over") == "it runs; not done: over"
    assert plain("stop by an na is in flight; it is seen running") == "it was seen running"
    assert plain("it runs; start done: it runs") == "it runs"


def test_what_is_kept_back_is_told_by_itself() -> None:
    for why in ("it runs; stop_vm withheld: over\nx", "it runs; nothing follows: over\nx"):
        assert (bare(why), kept_back(why)) == ("it runs", "over\nx")
    assert (bare("it runs"), kept_back("it runs")) == ("it runs", "")


@pytest.mark.parametrize("said", PowerReason)
def test_every_reason_has_words(said: PowerReason) -> None:
    assert reason("alpha", said).startswith("alpha ")
