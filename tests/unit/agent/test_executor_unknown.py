"""A call that was given up: its outcome is unknown, for every act, and a look comes before a retry.

What was sent may have been done or not. Both are played: the daemon hangs just before the deed, and
just after it.
"""

from pathlib import Path

import msgspec
import pytest

from tests import moments
from tests.executors import Bench
from tests.parts import VM
from vmuster.drivers.simulated.hypervisor import Hang
from vmuster.model.commands import Command, CommandResult
from vmuster.model.ids import CommandId
from vmuster.model.messages import Settings
from vmuster.model.permits import Refusal
from vmuster.model.states import CommandOutcome, StopMethod

pytestmark = pytest.mark.anyio


def asked(method: StopMethod) -> Command:
    """A person's stop."""
    return moments.stop(automatic=False, method=method)


ACTS: dict[str, tuple[Command, str]] = {
    "shutdown": (asked(StopMethod.SHUTDOWN), "shutdown"),
    "force": (asked(StopMethod.FORCE), "force"),
    "save": (asked(StopMethod.SAVE), "save"),
    "start": (moments.start(automatic=False), "start"),
    "mark": (moments.write(), "mark"),
    "unmark": (moments.erase(), "unmark"),
}
"""An order, and what the hypervisor counts it as."""
HANGS = {Hang.BEFORE: 0, Hang.AFTER: 1}
"""When the daemon hangs over a deed, and how often it is done by then."""

REFUSED_AFTER = {
    "start": "it is not plainly stopped",
    "mark": "it does not bear the mark that it bore when this was decided",
    "unmark": "it does not bear the mark that it bore when this was decided",
}
"""Why the guard refuses a retry of what was done already; a stop has nothing left to do."""


class Trap(Bench):
    """A bench whose daemon hangs, in the way set, at the moment at which the guard has judged."""

    hang = Hang.NO

    def now(self) -> tuple[Settings, int] | Refusal:
        self.hypervisor.faults.hang = self.hang
        return super().now()

    async def give_up(self, command: Command, hang: Hang) -> CommandResult:
        """What comes of an order over whose deed the daemon hangs."""
        self.hang = hang
        result = await self.execute(command)
        self.hang = Hang.NO
        return result


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def trap(tmp_path: Path, act: str) -> Trap:
    trap = Trap(tmp_path)
    if act == "start":
        trap.hypervisor.destroy(VM)
    return trap


async def retry(trap: Trap, command: Command) -> CommandResult:
    """The same act, asked for anew, without opening the hypervisor anew."""
    again = msgspec.structs.replace(command, id=CommandId(moments.ANOTHER_VM))
    return await trap.executor.execute(again, super(Trap, trap).now, trap.clock.monotonic())


def thaw(trap: Trap) -> None:
    trap.hypervisor.faults.hang = Hang.NO


@pytest.mark.parametrize(("hang", "done"), HANGS.items())
@pytest.mark.parametrize("reborn", [False, True])
async def test_the_same_order_is_answered_alike_for_ever_and_not_done_again(
    trap: Trap, act: str, hang: Hang, done: int, reborn: bool
) -> None:
    command, what = ACTS[act]
    result = await trap.give_up(command, hang)
    assert (result.outcome, result.unknown) == (CommandOutcome.FAILED, True)
    assert trap.acts().get(what, 0) == done
    thaw(trap)
    if reborn:
        trap.executor = trap.reborn()
    assert await trap.execute(command) == result
    assert trap.acts().get(what, 0) == done


@pytest.mark.parametrize(("hang", "done"), HANGS.items())
async def test_no_retry_begins_while_the_call_hangs_and_nobody_calls_it_failed(
    trap: Trap, act: str, hang: Hang, done: int
) -> None:
    """It waits for as long as it is valid; then its outcome is as unknown as the call's."""
    command, what = ACTS[act]
    await trap.give_up(command, hang)
    received = trap.clock.monotonic()
    result = await retry(trap, command)
    assert (result.outcome, result.unknown) == (CommandOutcome.FAILED, True)
    assert "still hangs, and may be done yet" in result.message
    assert trap.acts().get(what, 0) == done
    assert command.valid_seconds <= trap.clock.monotonic() - received < command.valid_seconds + 1


@pytest.mark.parametrize("hang", HANGS)
async def test_a_retry_goes_on_once_the_call_is_back_and_is_judged_then(
    trap: Trap, act: str, hang: Hang
) -> None:
    command, what = ACTS[act]
    await trap.give_up(command, hang)
    trap.clock.on_sleep = lambda: thaw(trap)
    result = await retry(trap, command)
    undone = hang is Hang.BEFORE
    assert trap.acts() == {what: 1}, "done once, by whichever call"
    expected = None if undone else REFUSED_AFTER.get(act)
    assert (result.message if expected else result.outcome) == (expected or CommandOutcome.DONE)


async def test_a_retry_that_waits_is_judged_by_what_is_told_then(trap: Trap, act: str) -> None:
    command, what = ACTS[act]
    await trap.give_up(command, Hang.BEFORE)

    def quarantined() -> None:
        thaw(trap)
        trap.settings = moments.settings(quarantined=True)

    trap.clock.on_sleep = quarantined
    result = await retry(trap, command)
    assert (result.outcome, result.message) == (
        CommandOutcome.REFUSED,
        "the fleet is in quarantine",
    )
    assert trap.acts().get(what, 0) == 0


async def test_where_the_call_hangs_before_its_deed_the_retry_is_known_to_have_failed(
    trap: Trap, act: str
) -> None:
    command, what = ACTS[act]
    await trap.driver.open(read_only=False)
    trap.hypervisor.faults.hang = Hang.BEFORE
    received = trap.clock.monotonic()
    first = await trap.executor.execute(command, super(Trap, trap).now, received)
    second = await retry(trap, command)
    for result in (first, second):
        assert (result.outcome, result.unknown) == (CommandOutcome.FAILED, False)
    assert second.message.endswith("still hangs")
    assert trap.acts().get(what, 0) == 0


async def test_a_retry_is_judged_on_what_a_look_shows_now(trap: Trap, act: str) -> None:
    """The deed was done, unseen; the retry must not rest on how things were before it."""
    command, what = ACTS[act]
    await trap.give_up(command, Hang.AFTER)
    thaw(trap)
    again = msgspec.structs.replace(command, id=CommandId(moments.ANOTHER_VM))
    judged = await trap.execute(again)
    assert trap.acts() == {what: 1}, "it is done already, or it is refused"
    expected = REFUSED_AFTER.get(act)
    assert (judged.message if expected else judged.outcome) == (expected or CommandOutcome.DONE)
