"""A judge asks the guard with what is so at that moment, and nobody it need not ask."""

import pytest

from tests import moments
from tests.clocks import HandClock
from tests.parts import VM
from vmuster.agent.judge import Judge
from vmuster.agent.moment import Moment
from vmuster.model.commands import Command
from vmuster.model.ids import VmUuid
from vmuster.model.messages import Settings
from vmuster.model.permits import Refusal, StartPermit
from vmuster.model.states import StopMethod


class Witness:
    """Sees a process of our VM, and remembers of whom it was asked."""

    answer_seconds: float = 1.0

    def __init__(self) -> None:
        self.asked: list[VmUuid] = []

    def holds(self, vm: VmUuid) -> bool | None:
        self.asked.append(vm)
        return vm == VM

    def held(self) -> frozenset[VmUuid] | None:
        return frozenset({VM})

    def process(self, vm: VmUuid) -> str:
        return f"the process of {vm}"

    def strange(self) -> frozenset[VmUuid]:
        return frozenset()

    def alive(self) -> bool | None:
        return True


class Court:
    """One judge, and the moments that it put before the guard."""

    def __init__(self, command: Command) -> None:
        self.settings: Settings | None = moments.settings()
        self.witness, self.clock = Witness(), HandClock()
        received = self.clock.monotonic()
        self.judge = Judge(command, self._told, received, self.witness, self.clock)
        self.heard: list[Moment] = []

    def _told(self) -> tuple[Settings, int] | Refusal:
        unwelcome = Refusal(reason="not welcome yet")
        return unwelcome if self.settings is None else (self.settings, moments.EPOCH)

    def _permit(self, moment: Moment) -> StartPermit | Refusal:
        self.heard.append(moment)
        return StartPermit(vm=moment.live.uuid)

    def ask(self, run: str = moments.RUN) -> StartPermit | Refusal:
        return self.judge.by(self._permit)(moments.live(run=run))


def test_the_guard_hears_what_is_so_at_that_moment() -> None:
    court = Court(moments.start())
    court.clock.pass_by(7.0)
    assert court.ask() == StartPermit(vm=VM)
    court.settings = later = moments.settings(instance="LATER")
    court.judge.asked = "a run"
    court.ask()
    first, second = court.heard
    assert first == moments.moment(moments.start(), moments.live(), age_seconds=7.0, process=True)
    assert (second.settings, second.asked) == (later, "a run")


def test_before_the_welcome_every_order_is_refused_unheard() -> None:
    court = Court(moments.start())
    court.settings = None
    refusal = court.ask()
    assert isinstance(refusal, Refusal)
    assert "not welcome yet" in refusal.reason
    assert court.heard == []


def test_it_remembers_the_run_that_was_judged_last() -> None:
    court = Court(moments.stop())
    for run in ("first", "second"):
        court.ask(run)
        assert court.judge.run == run


@pytest.mark.parametrize("command", [moments.stop(), moments.write(), moments.erase()])
def test_only_a_start_waits_for_the_witness(command: Command) -> None:
    court = Court(command)
    court.ask()
    assert court.witness.asked == []
    assert court.heard[0].process is None
    starting = Court(moments.start())
    starting.ask()
    assert starting.witness.asked == [VM]


def test_only_a_stop_that_asks_its_guest_names_the_process() -> None:
    """It may outlive its agent."""
    court = Court(moments.stop())
    court.ask()
    assert court.heard[0].runs_in == court.judge.runs_in == f"the process of {VM}"
    forced = Court(moments.stop(method=StopMethod.FORCE))
    forced.ask()
    assert forced.heard[0].runs_in == forced.judge.runs_in == ""
