"""The pause after an automatic act that failed for certain is no difference; all else open is."""

import msgspec
import pytest

from tests.lawbench import Bench, stop
from tests.parts import HOST, operation
from vmuster.model.commands import CommandResult, OutboxCommand
from vmuster.model.operations import AUTOMATIC, PAUSE_SECONDS_MAX
from vmuster.model.states import CommandOutcome, OperationKind, OperationState
from vmuster.sim.engine.clock import BEGINNING
from vmuster.sim.laws.agreement import Estate, differences
from vmuster.sim.laws.convergence import Convergence

NOW = 100.0
COMMAND = stop(automatic=True)
FAILED = CommandResult(
    command=COMMAND.id, host=HOST, outcome=CommandOutcome.FAILED, message="it can't be saved"
)


def pausing(result: CommandResult | None = FAILED, **changes: object) -> Bench:
    """A bench on which the automatic stop was answered, and is open for another minute."""
    bench = Bench(Convergence)
    bench.at(NOW)
    wish = operation(
        OperationKind.STOP,
        id=COMMAND.operation,
        actor=AUTOMATIC,
        state=OperationState.RUNNING,
        command=COMMAND.id,
        deadline_at=BEGINNING + NOW + 60.0,
    )
    sent = OutboxCommand(
        id=COMMAND.id,
        host=HOST,
        vm=COMMAND.vm,
        command=COMMAND,
        created_at=BEGINNING,
        result=result,
        answered_at=None if result is None else BEGINNING + NOW,
    )
    bench.write(msgspec.structs.replace(wish, **changes), sent)
    return bench


def open_ends(bench: Bench) -> list[str]:
    return [what for what in differences(Estate(bench.world)) if "does not end" in what]


@pytest.mark.parametrize("rest", [1.0, PAUSE_SECONDS_MAX])
def test_a_pause_before_the_next_try_is_no_difference(rest: float) -> None:
    bench = pausing(deadline_at=BEGINNING + NOW + rest)
    assert open_ends(bench) == []
    law = bench.law
    assert isinstance(law, Convergence)
    assert law.pause() == rest


@pytest.mark.parametrize("rest", [0.0, -1.0, PAUSE_SECONDS_MAX + 1.0])
def test_one_that_is_over_or_too_long_is(rest: float) -> None:
    assert open_ends(pausing(deadline_at=BEGINNING + NOW + rest))


@pytest.mark.parametrize(
    "result",
    [
        None,
        msgspec.structs.replace(FAILED, unknown=True),
        msgspec.structs.replace(FAILED, outcome=CommandOutcome.REFUSED),
        msgspec.structs.replace(FAILED, outcome=CommandOutcome.DONE),
    ],
)
def test_so_is_what_did_not_fail_for_certain(result: CommandResult | None) -> None:
    bench = pausing(result)
    assert open_ends(bench)
    law = bench.law
    assert isinstance(law, Convergence)
    assert law.pause() == 0.0


def test_so_is_what_a_person_asked_for() -> None:
    assert open_ends(pausing(actor="ann"))


def test_so_is_what_was_never_sent() -> None:
    assert open_ends(pausing(command=None))
